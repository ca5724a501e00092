import { z } from 'zod';
import type { Config } from '../config/settings.ts';
import { openWorkshop } from '../core.ts';
import { faultsOf } from '../http/problem.ts';
import type { InvitationRequest, InviteResult } from '../invitations/inviter.ts';
import { invitationRequestSchema, mostInvitations } from '../invitations/request.ts';
import { createLog } from '../log.ts';
import { withConfig } from './config.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { refused } from './operate.ts';
import { complain, surroundings } from './serve.ts';
import { askServer } from './server-api.ts';
import { printable, style, type Terminal } from './terminal.ts';

export type InviteOptions = {
  readonly terminal: Terminal;
  readonly envFile: string | null;
  readonly emails: readonly string[];
  readonly type: string;
  readonly mode: string;
  readonly note?: string;
  readonly json?: boolean;
};

/** Issues invitations: through the running service, else by itself on the database. */
export async function invite(options: InviteOptions): Promise<ExitCode> {
  const { terminal } = options;
  const wanted = options.emails.length === 0 ? [null] : options.emails;
  const requests: InvitationRequest[] = [];
  for (const email of wanted) {
    const { type: employeeType, mode, note } = options;
    const parsed = invitationRequestSchema.safeParse({ employeeType, mode, email, note });
    if (parsed.success) requests.push(parsed.data);
    else {
      for (const fault of faultsOf(parsed.error)) {
        const whom = printable(email ?? 'open link');
        terminal.complain(`${whom}: ${fault.path} ${fault.message}`);
      }
    }
  }
  if (requests.length < wanted.length) return exitCodes.wrongUsage;
  return withConfig(options, async (config) => {
    const lines = await issue(options, config, requests);
    if (!Array.isArray(lines)) return lines.code;
    if (options.json) terminal.print(JSON.stringify(lines, null, 2));
    else for (const line of lines) printLine(terminal, line);
    return lines.every((line) => line.ok)
      ? exitCodes.done
      : lines.some((line) => line.portalTrouble)
        ? exitCodes.portalUnreachable
        : exitCodes.failed;
  });
}

type Line = {
  readonly ok: boolean;
  readonly email: string | null;
  readonly id: string | null;
  readonly status: string;
  readonly link: string | null;
  readonly reason: string | null;
  readonly portalTrouble: boolean;
};

async function issue(
  options: InviteOptions,
  config: Config,
  requests: readonly InvitationRequest[],
): Promise<Line[] | { readonly code: ExitCode }> {
  const { terminal } = options;
  const log = createLog({ level: 'silent', write: () => {} });
  const opened = await openWorkshop(config, surroundings(log), () => {});
  switch (opened.kind) {
    case 'opened': {
      const { inviter, close } = opened.workshop;
      try {
        const lines: Line[] = [];
        for (const request of requests) {
          lines.push(lineOfResult(request, await inviter.invite(request, 'operator')));
        }
        return lines;
      } finally {
        await close();
      }
    }
    case 'busy': {
      const lines: Line[] = [];
      for (let done = 0; done < requests.length; done += mostInvitations) {
        const body = requests.slice(done, done + mostInvitations);
        const call = { method: 'POST', path: '/api/invitations', body } as const;
        const answer = await askServer(opened.holder, config, call);
        if (answer.kind === 'unreachable') {
          terminal.complain(answer.reason);
          return { code: exitCodes.failed };
        }
        if (answer.status !== 201) return { code: refused(terminal, answer) };
        const results = resultsSchema.parse(answer.json);
        lines.push(...results.map((one, i) => lineOfAnswer(body[i], one)));
      }
      return lines;
    }
    case 'refused':
      return { code: complain(terminal, opened, config) };
    default:
      return opened satisfies never;
  }
}

const resultsSchema = z.array(
  z.union([
    z.object({ id: z.string(), status: z.string(), link: z.string().nullable() }),
    z.object({ type: z.string(), detail: z.string(), invitation: z.string().optional() }),
  ]),
);
type ApiResult = z.infer<typeof resultsSchema>[number];

function lineOfAnswer(request: InvitationRequest | undefined, result: ApiResult): Line {
  const email = request?.email ?? null;
  if ('detail' in result) {
    const portalTrouble = result.type.endsWith(':portal-unavailable');
    const id = result.invitation ?? null;
    const isConflict = result.type.endsWith(':conflict');
    return {
      ok: false,
      email,
      id,
      status: isConflict ? 'refused' : 'failed',
      link: null,
      reason: result.detail,
      portalTrouble,
    };
  }
  return { ok: true, email, ...result, reason: null, portalTrouble: false };
}

function lineOfResult(request: InvitationRequest, result: InviteResult): Line {
  const { email } = request;
  const failed = { ok: false, email, link: null, portalTrouble: false } as const;
  switch (result.kind) {
    case 'issued': {
      const { id, link } = result.invitation;
      return { ok: true, email, id, status: 'issued', link, reason: null, portalTrouble: false };
    }
    case 'conflict':
      return { ...failed, id: result.invitationId, status: 'refused', reason: conflictOf(result) };
    case 'refused':
      return { ...failed, id: result.invitation.id, status: 'failed', reason: result.reason };
    case 'trouble':
      return { ...failed, id: null, status: 'failed', reason: result.reason, portalTrouble: true };
    default:
      return result satisfies never;
  }
}

function conflictOf(result: Extract<InviteResult, { kind: 'conflict' }>): string {
  const { reason, invitationId } = result;
  return invitationId === null ? reason : `${reason}: ${invitationId}`;
}

function printLine(terminal: Terminal, line: Line): void {
  const whom = printable(line.email ?? 'open link');
  if (!line.ok) {
    terminal.complain(`${style('red', 'not invited')}  ${whom}: ${line.reason}`);
    return;
  }
  terminal.print(`${style('green', 'invited')}  ${whom}  ${line.id}`);
  terminal.print(line.link ? `  hand over: ${line.link}` : '  the portal mails the invitation');
}
