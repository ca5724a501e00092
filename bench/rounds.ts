/*
 * Variants are measured in turn (A B C A B C …), so that a busy moment of the machine affects all
 * of them.
 */

export type Figures = Readonly<Record<string, number>>;
export type Variant = {
  readonly name: string;
  /** Measures one turn. */
  readonly measure: () => Promise<Figures>;
};
/** One round: the figures of each variant, by name. */
export type Round = ReadonlyMap<string, Figures>;

export async function inRounds(variants: readonly Variant[], rounds: number): Promise<Round[]> {
  const measured: Round[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const figures = new Map<string, Figures>();
    for (const variant of variants) figures.set(variant.name, await variant.measure());
    measured.push(figures);
  }
  return measured;
}

export type Spread = { readonly median: number; readonly low: number; readonly high: number };

export function spreadOf(values: readonly number[]): Spread {
  return { median: quantile(values, 0.5), low: Math.min(...values), high: Math.max(...values) };
}

/** @returns the value that `share` (0 to 1) of the values do not exceed, by the nearest rank */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

/** @throws when the variant or the figure was not measured in every round */
export function figureOf(rounds: readonly Round[], variant: string, figure: string): number[] {
  return rounds.map((round) => {
    const value = round.get(variant)?.[figure];
    if (value === undefined) throw new Error(`${variant} has no figure ${figure}`);
    return value;
  });
}

/**
 * Compares two variants within each round. Absolute figures vary between machines, but ratios are
 * stable.
 */
export function ratioOf(
  rounds: readonly Round[],
  figure: string,
  variant: string,
  baseline: string,
): Spread {
  const theirs = figureOf(rounds, baseline, figure);
  const ours = figureOf(rounds, variant, figure);
  return spreadOf(ours.map((value, round) => value / (theirs[round] ?? Number.NaN)));
}
