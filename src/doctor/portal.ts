import type { Inquired, Inquiry } from '../docspace/diagnostics.ts';
import { type OwnAccount, ownAccount, ownUser } from '../docspace/diagnostics-schemas.ts';
import { type Finding, findingsOf, inTime } from './finding.ts';

const { ok, warning, wrong } = findingsOf('portal');

/** Slower answers make everybody wait: a person is welcomed after three or four of them. */
const slowMs = 2_000;
/** Above it people notice in the log; a `Date` is exact to a second. */
const driftMs = 30_000;
/** An open link is matched only up to 5 minutes after its time (design: "Whose member"). */
const driftThatBreaksMs = 5 * 60_000;

export type PortalExamined = {
  readonly findings: readonly Finding[];
  /** How the key's own account was answered; null: the portal itself is in trouble. */
  readonly self: Extract<Inquired, { kind: 'answered' }> | null;
  readonly account: OwnAccount | null;
};

/**
 * Whether the portal is there, well and in time.
 * @param knownTenantId the portal that the store belongs to; null: it does not know yet
 */
export async function examinePortal(options: {
  readonly inquiry: Inquiry;
  readonly origin: string;
  readonly knownTenantId: string | null;
}): Promise<PortalExamined> {
  const { inquiry, origin } = options;
  const self = await inquiry.ask('people/@self');
  if (self.kind === 'failed') return { findings: [unreachable(origin, self.detail)], ...none };
  const trouble = troubleOf(self, origin);
  if (trouble) return { findings: [trouble], ...none };
  const times = [self.tookMs];
  const findings: Finding[] = [];
  const account = ownAccount.safeParse(self.json).data?.response ?? null;
  if (account) {
    const control = await inquiry.ask(`portal/users/${account.id}`);
    if (control.kind === 'answered') {
      times.push(control.tookMs);
      const more = [controlTrouble(control, origin), otherTenant(control, options)];
      findings.push(...more.filter((one) => one !== null));
    }
    const again = await inquiry.ask('people/@self');
    if (again.kind === 'answered') times.push(again.tookMs);
  }
  return { findings: [answers(times, origin), ...clockOf(self), ...findings], self, account };
}

const none = { self: null, account: null } as const;

function unreachable(origin: string, detail: string): Finding {
  return wrong('reachable', {
    seen: `${origin}: ${detail}`,
    means: 'nobody is invited, looked at or welcomed until it answers again',
    mend: 'check DOCSPACE_URL, DNS, the proxy and the certificate of the portal from this machine',
  });
}

/** What says something about the portal, whoever asks; 401 and 403 are about the key. */
function troubleOf(self: Extract<Inquired, { kind: 'answered' }>, origin: string): Finding | null {
  const { status } = self;
  if (status === 401 || status === 403) return null;
  if (status === 200 && ownAccount.safeParse(self.json).success) return null;
  if (status === 404) return suspended(origin);
  if (status === 429 || status === 503) {
    return warning('reachable', {
      seen: `${origin} asks to wait (${status})`,
      means: 'the service slows down by itself and goes on; doctor could not look further',
      mend: 'run "doctor" again in a minute; if it stays, look at the limits of the portal',
    });
  }
  if (status >= 500) {
    return wrong('reachable', {
      seen: `${origin} answers ${status}`,
      means: 'the portal or a proxy before it is down: nobody is invited or welcomed',
      mend: 'look at the portal itself; the service goes on by itself when it is back',
    });
  }
  return wrong('reachable', {
    seen: `${origin} answers ${status}, and not as a DocSpace portal does`,
    means: 'something else listens there: a proxy with a sign-in, a redirect, another site',
    mend: 'set DOCSPACE_URL to the address that people see in the browser when they are in DocSpace',
  });
}

function suspended(origin: string): Finding {
  return wrong('reachable', {
    seen: `${origin} answers 404 to everything`,
    means: 'the portal is suspended or removed, or this is not its address',
    mend: 'open the address in a browser; check DOCSPACE_URL, or activate the portal again',
  });
}

function controlTrouble(control: Inquired, origin: string): Finding | null {
  if (control.kind !== 'answered') return null;
  if (control.status === 404) return suspended(origin);
  if (control.status !== 402) return null;
  return wrong('paid', {
    seen: `${origin} answers 402: it is not paid for`,
    means: 'nobody can be looked at or welcomed; people wait, nobody is lost',
    mend: 'pay in the portal: Settings, Payments',
  });
}

function otherTenant(
  control: Inquired,
  { knownTenantId, origin }: { readonly knownTenantId: string | null; readonly origin: string },
): Finding | null {
  const user = control.kind === 'answered' ? ownUser.safeParse(control.json).data?.response : null;
  const tenantId = user ? String(user.tenantId) : null;
  if (tenantId === null || knownTenantId === null || tenantId === knownTenantId) return null;
  return wrong('tenant', {
    seen: `${origin} leads to portal ${tenantId}, the database belongs to portal ${knownTenantId}`,
    means: 'the service holds everything back: user ids of one portal mean nothing in another',
    mend: 'set DOCSPACE_URL back, or use another DATABASE_URL for the other portal',
  });
}

/** @param times of answers, in ms; the first one holds the time of the connection */
function answers(times: readonly number[], origin: string): Finding {
  const sorted = [...times].sort((a, b) => a - b);
  const median = sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
  const said = times.map((ms) => Math.round(ms)).join(', ');
  const seen = `${origin} answers in ${said} ms`;
  if (median <= slowMs) return ok('reachable', seen);
  return warning('slow', {
    seen,
    means: 'it works, but invitations and welcomes take their time',
    mend: 'look at the load of the portal and at the network between; lower DOCSPACE_CONCURRENCY',
  });
}

function clockOf({ aheadMs }: { readonly aheadMs: number | null }): Finding[] {
  if (aheadMs === null) return [];
  const side = aheadMs < 0 ? 'behind' : 'ahead of';
  const seen = `the portal’s clock is ${inTime(aheadMs)} ${side} this machine’s`;
  if (Math.abs(aheadMs) <= driftMs) return [ok('clock', 'the clocks agree')];
  const trouble = {
    seen,
    means:
      'a signed Key is accepted for an hour only, and who comes by an open link is recognised by the time of registration',
    mend: 'set both clocks by NTP: timedatectl set-ntp true',
  };
  return [
    Math.abs(aheadMs) > driftThatBreaksMs ? wrong('clock', trouble) : warning('clock', trouble),
  ];
}
