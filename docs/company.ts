/** One invited person of the invented company that the pictures of the README show. */
export type Guest = {
  readonly name: readonly [first: string, last: string];
  readonly company: string;
  readonly note: string;
  /** How many days before the picture the person was invited. */
  readonly invited: number;
  /** The last step that the person reached. */
  readonly came: 'no' | 'registered' | 'welcomed' | 'unknown' | 'failed' | 'expired' | 'revoked';
  /** Minutes from the invitation to the registration, and from there to the confirmation. */
  readonly takes: readonly [number, number];
};

const names: readonly (readonly [string, string])[] = [
  ['Anna', 'Bergström'],
  ['Jonas', 'Keller'],
  ['Maëlle', 'Dubois'],
  ['Tomás', 'Rivera'],
  ['Katarzyna', 'Nowak'],
  ['Ibrahim', 'Yıldız'],
  ['Freya', 'Lindqvist'],
  ['Oskar', 'Brandt'],
  ['Giulia', 'Ferrari'],
  ['Mateusz', 'Zieliński'],
  ['Ines', 'Carvalho'],
  ['Lukas', 'Hoffmann'],
  ['Zoë', 'van Dijk'],
  ['Pádraig', 'O’Sullivan'],
  ['Sofia', 'Papadaki'],
  ['Emil', 'Sørensen'],
  ['Clara', 'Weiss'],
  ['Hugo', 'Lefèvre'],
  ['Nadia', 'Haddad'],
  ['Viktor', 'Horváth'],
  ['Lena', 'Schuster'],
  ['Marco', 'Conti'],
  ['Eva', 'Procházková'],
  ['Samuel', 'Adeyemi'],
  ['Mira', 'Kovač'],
  ['Paul', 'Neumann'],
  ['Elif', 'Demir'],
  ['Anton', 'Virtanen'],
  ['Carmen', 'Ortega'],
  ['David', 'Rosen'],
];
const families = ['Winter', 'Moreau', 'Falk', 'Santos', 'Brunner', 'Olsen', 'Richter', 'Garcia'];
const notes = [
  'Harbour extension, tender 2026',
  'Harbour extension, survey',
  'Summer school',
  'Annual audit',
  'Harbour extension, tender 2026',
];
const companies = ['nordkai', 'brunner-ing', 'atelier-lumen', 'portalis-audit', 'seewerk'];

/** How many people were invited on which day: few at first, then many for the tender. Sixty people in all. */
const invitedOn: readonly (readonly [daysAgo: number, count: number])[] = [
  [27, 1],
  [26, 2],
  [25, 1],
  [22, 3],
  [21, 1],
  [20, 2],
  [19, 1],
  [15, 2],
  [14, 3],
  [12, 1],
  [11, 1],
  [8, 14],
  [7, 9],
  [6, 3],
  [5, 6],
  [4, 4],
  [2, 3],
  [1, 2],
  [0, 1],
];
const daysAgo = invitedOn.flatMap(([days, count]) => Array.from({ length: count }, () => days));

export const guests: readonly Guest[] = daysAgo.map((invited, i) => {
  const [first, last] = names[i % names.length] ?? ['Anna', 'Bergström'];
  const family = i < names.length ? last : (families[i % families.length] ?? last);
  return {
    name: [first, family],
    company: companies[i % companies.length] ?? 'nordkai',
    note: notes[i % notes.length] ?? '',
    invited,
    came: cameOf(i),
    takes: [3 + ((i * 37) % 190) * (i % 7 === 0 ? 12 : 1), 1 + ((i * 13) % 25)],
  };
});

function cameOf(i: number): Guest['came'] {
  if (i === 3 || i === 11) return 'expired';
  if (i === 14) return 'revoked';
  if (i === 41) return 'unknown';
  if (i === 47) return 'failed';
  if (i > 50) return i % 3 === 0 ? 'registered' : 'no';
  return i % 9 === 8 ? 'registered' : 'welcomed';
}

export function addressOf({ name, company }: Guest): string {
  const plain = name.map((part) =>
    part
      .normalize('NFD')
      .replace(/ø/g, 'o')
      .replace(/ı/g, 'i')
      .replace(/[^A-Za-z]/g, '')
      .toLowerCase(),
  );
  return `${plain.join('.')}@${company}.example`;
}
