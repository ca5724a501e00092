import {
  type Diagnosis,
  type Diagnostics,
  type OwnAccount,
  ownAccount,
} from '../docspace/diagnostics.ts';
import { envelope, invitationSwitchesSchema, userEnvelope } from '../docspace/schemas.ts';
import { reasonText } from '../messages/render.ts';
import { durationText, type Finding, findingsOf } from './finding.ts';

const { ok, warning, wrong } = findingsOf('portal');

/** `doctor` warns if the median answer takes longer: a welcome needs three or four answers. */
const slowMs = 2_000;
/**
 * With a larger clock difference, `doctor` warns. A smaller limit would need a more exact clock: the
 * header `Date` has only whole seconds.
 */
const driftMs = 30_000;

export type PortalExamined = {
  readonly findings: readonly Finding[];
  /** The answer to `people/@self`; null: the portal itself has a problem. */
  readonly self: Extract<Diagnosis, { kind: 'answered' }> | null;
  readonly account: OwnAccount | null;
};

/**
 * Checks whether the portal answers, works, and has the right time.
 * @param knownTenantId the tenant id of the database's portal; null if it is not known yet
 */
export async function examinePortal(options: {
  readonly diagnostics: Diagnostics;
  readonly origin: string;
  readonly knownTenantId: string | null;
}): Promise<PortalExamined> {
  const { diagnostics, origin } = options;
  const self = await diagnostics.ask('people/@self');
  if (self.kind === 'failed')
    return { findings: [unreachable(origin, reasonText(self.fault))], ...none };
  const trouble = troubleOf(self, origin);
  if (trouble) return { findings: [trouble], ...none };
  const times = [self.tookMs];
  const findings: Finding[] = [];
  const account = ownAccount.safeParse(self.json).data?.response ?? null;
  if (account) {
    const control = await diagnostics.ask(`portal/users/${account.id}`);
    if (control.kind === 'answered') {
      times.push(control.tookMs);
      const more = [controlTrouble(control, origin), otherTenant(control, options)];
      findings.push(...more.filter((one) => one !== null));
    }
    findings.push(...invitingOf(await diagnostics.ask('settings/invitationsettings')));
    const again = await diagnostics.ask('people/@self');
    if (again.kind === 'answered') times.push(again.tookMs);
  }
  return { findings: [answers(times, origin), ...clockOf(self), ...findings], self, account };
}

const none = { self: null, account: null } as const;

function unreachable(origin: string, detail: string): Finding {
  return wrong('reachable', {
    seen: `${origin}: ${detail}`,
    means: 'nobody is invited, checked or welcomed until it answers again',
    mend: 'check DOCSPACE_URL, DNS, the proxy and the certificate of the portal from this machine',
  });
}

/** Returns the problem of the portal itself, or null. 401 and 403 are problems of the key. */
function troubleOf(self: Extract<Diagnosis, { kind: 'answered' }>, origin: string): Finding | null {
  const { status } = self;
  if (status === 401 || status === 403) return null;
  if (status === 200 && ownAccount.safeParse(self.json).success) return null;
  if (status === 404) return suspended(origin);
  if (status === 429 || status === 503) {
    return warning('reachable', {
      seen: `${origin} asks clients to wait (${status})`,
      means: 'the service slows down and goes on by itself; doctor could not check more',
      mend: 'run "doctor" again in a minute; if it stays so, check the limits of the portal',
    });
  }
  if (status >= 500) {
    return wrong('reachable', {
      seen: `${origin} answers ${status}`,
      means: 'the portal or a proxy before it is down: nobody is invited or welcomed',
      mend: 'check the portal; the service goes on by itself when it is back',
    });
  }
  return wrong('reachable', {
    seen: `${origin} answers ${status}, and not as a DocSpace portal does`,
    means: 'something else answers there: a proxy with a sign-in, a redirect, another site',
    mend: 'set DOCSPACE_URL to the address that the browser shows inside DocSpace',
  });
}

function suspended(origin: string): Finding {
  return wrong('reachable', {
    seen: `${origin} answers 404 to everything`,
    means: 'the portal is suspended or removed, or this is not its address',
    mend: 'open the address in a browser; check DOCSPACE_URL, or activate the portal again',
  });
}

function controlTrouble(control: Diagnosis, origin: string): Finding | null {
  if (control.kind !== 'answered') return null;
  if (control.status === 404) return suspended(origin);
  if (control.status !== 402) return null;
  return wrong('paid', {
    seen: `${origin} answers 402: the portal is not paid for`,
    means: 'nobody can be checked or welcomed; people wait, and nobody is lost',
    mend: 'pay in the portal: Settings, Payments',
  });
}

function otherTenant(
  control: Diagnosis,
  { knownTenantId, origin }: { readonly knownTenantId: string | null; readonly origin: string },
): Finding | null {
  const user =
    control.kind === 'answered' ? userEnvelope.safeParse(control.json).data?.response : null;
  const tenantId = user ? String(user.tenantId) : null;
  if (tenantId === null || knownTenantId === null || tenantId === knownTenantId) return null;
  return wrong('tenant', {
    seen: `${origin} leads to portal ${tenantId}, the database belongs to portal ${knownTenantId}`,
    means: 'the service sends nothing: user ids of one portal mean nothing in another',
    mend: `correct DOCSPACE_URL; if the portal was restored or moved there, run "portal moved --to ${origin}"; for another portal use another DATABASE_URL`,
  });
}

/** @param times how long each answer took, in ms; the first time includes connecting */
function answers(times: readonly number[], origin: string): Finding {
  const sorted = [...times].sort((a, b) => a - b);
  const median = sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
  const listed = times.map((ms) => Math.round(ms)).join(', ');
  const seen = `${origin} answers in ${listed} ms`;
  if (median <= slowMs) return ok('reachable', seen);
  return warning('slow', {
    seen,
    means: 'it works, but invitations and welcomes are slow',
    mend: 'check the load of the portal and the network; lower DOCSPACE_CONCURRENCY',
  });
}

/**
 * Warns if inviting members or guests is switched off in the portal. Older releases do not have these
 * settings.
 */
function invitingOf(answer: Diagnosis): Finding[] {
  const json = answer.kind === 'answered' ? answer.json : undefined;
  const switches = envelope(invitationSwitchesSchema).safeParse(json).data?.response;
  if (!switches) return [];
  const off = [
    ...(switches.allowInvitingMembers ? [] : ['members']),
    ...(switches.allowInvitingGuests ? [] : ['guests']),
  ];
  return off.map((whom) =>
    warning(`inviting_${whom}`, {
      seen: `inviting ${whom} is switched off in the portal`,
      means:
        whom === 'members'
          ? 'this service refuses to invite anybody, and links of members that are out do not work'
          : 'this service refuses to invite guests, and links of guests that are out do not work',
      mend: `if you want to invite ${whom}, switch it on in the portal: Settings, Security, Invitation settings`,
    }),
  );
}

/**
 * Reports how many requests the running service sends to the portal.
 * @param metrics the text that `/metrics` of that service answers
 */
export function requestFindings(metrics: string): Finding[] {
  const perWelcome = figureIn(metrics, 'requests_per_welcome');
  const perRun = figureIn(metrics, 'requests_per_run');
  if (perWelcome === null && perRun === null) return [];
  const figures = [
    `${perWelcome ?? 'no figure yet'} for each welcome`,
    `${perRun ?? 'no figure yet'} for each run of reconciliation`,
  ];
  return [ok('requests', `requests to the portal since the start: ${figures.join(', ')}`)];
}

/** @returns the value of a metric; null if nothing was counted yet */
function figureIn(metrics: string, name: string): string | null {
  const found = new RegExp(`^docspace_welcome_${name} ([0-9.]+)$`, 'm').exec(metrics)?.[1];
  return found === undefined ? null : Number(found).toFixed(1);
}

function clockOf({ aheadMs }: { readonly aheadMs: number | null }): Finding[] {
  if (aheadMs === null) return [];
  const side = aheadMs < 0 ? 'behind' : 'ahead of';
  const seen = `the portal’s clock is ${durationText(aheadMs)} ${side} this machine’s`;
  if (Math.abs(aheadMs) <= driftMs) return [ok('clock', 'the clocks agree')];
  return [
    warning('clock', {
      seen,
      means:
        'the service converts the portal’s times to its own clock, but people and other programs that compare them do not',
      mend: 'synchronise both clocks: timedatectl set-ntp true',
    }),
  ];
}
