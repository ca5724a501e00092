/**
 * The mails to an admin. `attention`: something needs attention; `all_clear`: nothing is left to do;
 * `digest`: who was invited, came and was welcomed.
 */
export const noticeKinds = ['attention', 'all_clear', 'digest'] as const;
export type NoticeKind = (typeof noticeKinds)[number];

/** Something that needs attention now. */
export type PresentCause = {
  /** The same cause always has the same key. */
  readonly key: string;
  /** From when a mail may name the cause (UTC ms). No mail names a cause that ends earlier. */
  readonly tellFrom: number;
};

/** What the mails told one admin. It is stored, so that nothing is told twice after a restart. */
export type Told = {
  /**
   * The causes that a mail named and that are not over yet (`wellAfterMs`). The value says since when
   * the cause is gone (UTC ms). Null if it is not known to be gone.
   */
  readonly causes: Readonly<Record<string, number | null>>;
  /** True if a mail named causes, and no later mail has said that nothing is left to do. */
  readonly owesAllClear: boolean;
  /** When the last mail was decided (UTC ms), digests not included. */
  readonly lastMailAt: number | null;
};

export const nothingTold: Told = { causes: {}, owesAllClear: false, lastMailAt: null };

export type NoticeDecision = {
  readonly mail:
    | { readonly kind: 'attention'; readonly keys: readonly string[] }
    | { readonly kind: 'all_clear' }
    | null;
  /** The record to store if the mail is not sent. */
  readonly kept: Told;
  /** The record to store once the mail is sent. */
  readonly told: Told;
};

/**
 * An admin gets at most one mail in this time, digests not included. What happens meanwhile is collected
 * for the next mail.
 */
export const noticeIntervalMs = 3_600_000;
/**
 * A cause is over when it has been gone for this time. A paused channel is tested every 15 minutes, and
 * no mail may name the pause again after each test.
 */
export const wellAfterMs = 10 * 60_000;

/**
 * Decides whether an admin gets a mail now. A cause is named only once, until it is over.
 * @param notKnown the keys of causes that cannot be checked now
 */
export function decideNotice(given: {
  readonly present: readonly PresentCause[];
  readonly notKnown: readonly string[];
  readonly told: Told;
  readonly now: number;
}): NoticeDecision {
  const { present, told, now } = given;
  const causes = stillThere(given);
  const kept: Told = { ...told, causes };
  const { lastMailAt } = told;
  // If the last mail seems to be in the future, the clock was set back. Then its time is ignored.
  const mayMail = lastMailAt === null || lastMailAt > now || now - lastMailAt >= noticeIntervalMs;
  const news = present.filter(
    ({ key, tellFrom }) => tellFrom <= now && !Object.hasOwn(causes, key),
  );
  if (mayMail && news.length > 0) {
    const keys = news.map(({ key }) => key);
    const named = Object.fromEntries(keys.map((key) => [key, null]));
    const after = { causes: { ...causes, ...named }, owesAllClear: true, lastMailAt: now };
    return { mail: { kind: 'attention', keys }, kept, told: after };
  }
  const isOver = present.length === 0 && Object.keys(causes).length === 0;
  if (mayMail && told.owesAllClear && isOver) {
    const after = { causes, owesAllClear: false, lastMailAt: now };
    return { mail: { kind: 'all_clear' }, kept, told: after };
  }
  return { mail: null, kept, told: kept };
}

/** Returns the causes that mails have named, without those that are over. */
function stillThere(given: Parameters<typeof decideNotice>[0]): Told['causes'] {
  const { present, notKnown, told, now } = given;
  const presentKeys = new Set(present.map(({ key }) => key));
  const since = ([key, goneSince]: readonly [string, number | null]) => {
    if (presentKeys.has(key)) return null;
    if (notKnown.includes(key)) return goneSince;
    return Math.min(goneSince ?? now, now);
  };
  return Object.fromEntries(
    Object.entries(told.causes)
      .map((entry) => [entry[0], since(entry)] as const)
      .filter(([, goneSince]) => goneSince === null || now - goneSince < wellAfterMs),
  );
}

/** How often a digest is sent, in ms. */
export const digestEveryMs = { daily: 24 * 3_600_000, weekly: 7 * 24 * 3_600_000 } as const;
export type DigestRhythm = keyof typeof digestEveryMs;

/**
 * The period that a digest covers (UTC ms). `isSent`: false if no digest is sent, because the start of
 * the period is not known. The next period then starts at `until`.
 */
export type DigestPeriod = {
  readonly since: number;
  readonly until: number;
  readonly isSent: boolean;
};

/**
 * Returns the period of the digest that is due now. Periods are counted from the first start.
 * @param through the end of the last period (UTC ms); null: there was none
 * @returns null if no digest is due
 */
export function decideDigest(given: {
  readonly rhythm: DigestRhythm;
  readonly firstStartedAt: number;
  readonly through: number | null;
  readonly now: number;
}): DigestPeriod | null {
  const { firstStartedAt, through, now } = given;
  const everyMs = digestEveryMs[given.rhythm];
  const periods = Math.max(0, Math.floor((now - firstStartedAt) / everyMs));
  const until = firstStartedAt + periods * everyMs;
  if (through === null || through > now + everyMs) return { since: until, until, isSent: false };
  // The time of the first start is corrected when the portal's clock is known, and the rhythm may
  // have changed. So a period can be too short. The next digest then includes it.
  if (until - through < everyMs / 2) return null;
  return { since: through, until, isSent: true };
}
