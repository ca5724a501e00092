import type { RowReason } from '../../../domain/invitation.ts';
import { rowReasonText } from '../../../invitations/import/row-result.ts';
import { cutToWidth } from '../../layout.ts';
import { printable, type Terminal } from '../../terminal.ts';

/** Shows the progress of a long run: a bar on a terminal, else a line for every tenth of the rows. */
export type ProgressDisplay = {
  readonly advance: () => void;
  readonly waiting: (reason: RowReason, until: number) => void;
  /** Removes the bar. */
  readonly end: () => void;
};

const shortestRedrawMs = 100;

export function createProgressDisplay(options: {
  readonly terminal: Terminal;
  readonly total: number;
  readonly now: () => number;
}): ProgressDisplay {
  const { terminal, total, now } = options;
  const startedAt = now();
  let count = 0;
  let drawnAt = 0;
  let tenths = 0;

  function draw(): void {
    drawnAt = now();
    terminal.redraw?.(barLine({ count, total, elapsedMs: now() - startedAt }, terminal.columns));
  }

  return {
    advance() {
      count += 1;
      if (terminal.redraw) {
        if (now() - drawnAt >= shortestRedrawMs || count === total) draw();
        return;
      }
      const reached = Math.floor((count * 10) / total);
      if (reached === tenths) return;
      tenths = reached;
      terminal.printError(
        `${count} of ${total}${rateText({ count, total, elapsedMs: now() - startedAt })}`,
      );
    },
    waiting(reason, until) {
      const line = printable(`${rowReasonText(reason)}: continues at ${clockTime(until)}`);
      if (terminal.redraw) terminal.redraw(cutToWidth(line, terminal.columns - 1));
      else terminal.printError(line);
    },
    end: () => terminal.redraw?.(''),
  };
}

type Progress = { readonly count: number; readonly total: number; readonly elapsedMs: number };

/** Returns `[#####-----]  50 %  2500 of 5000, 41 a second, 1:01 left`. A short line has no bar. */
export function barLine(progress: Progress, columns: number): string {
  const { count, total } = progress;
  const percent = `${String(Math.floor((count * 100) / total)).padStart(3)} %`;
  const words = `${percent}  ${count} of ${total}${rateText(progress)}`;
  const width = Math.min(40, columns - words.length - 5);
  if (width < 5) return words.slice(0, columns - 1);
  const filled = Math.round((count * width) / total);
  return `[${'#'.repeat(filled)}${'-'.repeat(width - filled)}] ${words}`;
}

function rateText({ count, total, elapsedMs }: Progress): string {
  if (elapsedMs < 1_000 || count === 0) return '';
  const perSecond = (count * 1_000) / elapsedMs;
  const rate = perSecond >= 10 ? String(Math.round(perSecond)) : perSecond.toFixed(1);
  if (count === total) return `, ${rate} a second`;
  return `, ${rate} a second, ${duration((total - count) / perSecond)} left`;
}

function duration(seconds: number): string {
  const whole = Math.ceil(seconds);
  const minutes = Math.floor(whole / 60);
  if (minutes >= 60) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  return `${minutes}:${String(whole % 60).padStart(2, '0')}`;
}

/** Formats a time in the zone of this machine, with the date if it is not today. @param at UTC ms */
export function clockTime(at: number): string {
  const date = new Date(at);
  const pad = (part: number) => String(part).padStart(2, '0');
  const time = `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`;
  const day = `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
  return new Date().toDateString() === date.toDateString() ? time : `${day} ${time}`;
}
