import type { InvitationView } from '../api/serializers.ts';
import { cutToWidth, displayWidth } from './table.ts';
import { printable } from './terminal.ts';

/*
 * Fixed widths, so that the pages of a long list line up. A wide terminal also shows the time of day,
 * the mode and the id; on a narrow one `show ADDRESS` has them.
 */
const wideFrom = 120;

type Column = {
  readonly heading: string;
  readonly width: number;
  readonly cell: (item: InvitationView) => string;
};

const status: Column = { heading: 'STATUS', width: 10, cell: (item) => item.status };
const type: Column = { heading: 'TYPE', width: 13, cell: (item) => item.employeeType };
const narrow: readonly Column[] = [
  status,
  { heading: 'INVITED', width: 10, cell: ({ createdAt }) => createdAt.slice(0, 10) },
  type,
  // An open link has no address to ask for, so its id stands here.
  { heading: 'WHO', width: 0, cell: (item) => whom(item, item.id) },
];
const wide: readonly Column[] = [
  status,
  {
    heading: 'INVITED (UTC)',
    width: 16,
    cell: ({ createdAt }) => createdAt.slice(0, 16).replace('T', ' '),
  },
  type,
  { heading: 'MODE', width: 5, cell: ({ mode }) => mode },
  { heading: 'ID', width: 29, cell: ({ id }) => id },
  { heading: 'WHO', width: 0, cell: (item) => whom(item, 'open link') },
];

export function listHeading(columns: number): string {
  return line(columns, (column) => column.heading);
}

export function listLine(item: InvitationView, columns: number): string {
  return line(columns, (column) => column.cell(item));
}

function line(columns: number, cellOf: (column: Column) => string): string {
  const cells = (columns < wideFrom ? narrow : wide).map((column) => {
    const cell = cellOf(column);
    return cell + ' '.repeat(Math.max(0, column.width - displayWidth(cell)));
  });
  return cutToWidth(cells.join('  '), columns);
}

function whom(item: InvitationView, nameOfOpenLink: string): string {
  const note = item.note ? `  (${printable(item.note)})` : '';
  if (item.email !== null) return printable(item.email) + note;
  return `${nameOfOpenLink}: ${openCounts(item)}${note}`;
}

function openCounts(item: InvitationView): string {
  const counts = Object.entries(item.memberCounts ?? {});
  if (counts.length === 0) return 'nobody yet';
  return counts.map(([state, n]) => `${n} ${state}`).join(', ');
}
