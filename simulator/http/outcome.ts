import { randomBytes } from 'node:crypto';
import { answerJson } from '../json.ts';

/** The result of a handler. `render` turns it into an HTTP answer. */
export type Outcome =
  | {
      readonly kind: 'ok';
      /** Absent for void actions and null results. */
      readonly response?: unknown;
      readonly count?: number;
      readonly total?: number;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** An exception, which is rendered as the error envelope (docs/docspace-wire.md 2.2). */
  | {
      readonly kind: 'fault';
      readonly fault: Fault;
      readonly message: string;
      /**
       * True if the exception is thrown before the action, so that the header with the versions is
       * missing.
       */
      readonly early?: true;
    }
  /** The model is invalid. `errors` contains a list of messages for each field. */
  | { readonly kind: 'invalid'; readonly errors: Readonly<Record<string, readonly string[]>> }
  /**
   * A body whose content type is not JSON: 415, although the envelope says 200 (docs/docspace-wire.md
   * 13.1).
   */
  | { readonly kind: 'notJson' }
  /** An answer of filters and middleware, without a body. */
  | {
      readonly kind: 'empty';
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** ProblemDetails outside the envelope (docs/docspace-wire.md 13.2, 17). */
  | { readonly kind: 'problem'; readonly status: 403 | 404 };

export type Answer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};
type Fault = keyof typeof FAULTS;

// See docs/docspace-wire.md 2.2 and 13.3. An authentication error has neither type nor stack.
const FAULTS = {
  notFound: { status: 404, type: 'ASC.Common.Web.ItemNotFoundException', hresult: -2146233088 },
  argument: { status: 400, type: 'System.ArgumentException', hresult: -2147024809 },
  argumentNull: { status: 400, type: 'System.ArgumentNullException', hresult: -2147467261 },
  outOfRange: { status: 400, type: 'System.ArgumentOutOfRangeException', hresult: -2146233086 },
  security: { status: 403, type: 'System.Security.SecurityException', hresult: -2146233078 },
  operation: { status: 403, type: 'System.InvalidOperationException', hresult: -2146233079 },
  authentication: { status: 401, type: null, hresult: 0 },
  quota: { status: 402, type: 'ASC.Core.Tenants.TenantQuotaException', hresult: -2146233088 },
  nullReference: { status: 500, type: 'System.NullReferenceException', hresult: -2147467261 },
  format: { status: 500, type: 'System.FormatException', hresult: -2146233033 },
  database: { status: 500, type: 'MySqlConnector.MySqlException', hresult: -2147467259 },
  unreachable: { status: 500, type: 'System.Net.Http.HttpRequestException', hresult: -2147467259 },
  tls: { status: 500, type: 'System.Net.Http.HttpRequestException', hresult: -2146233087 },
  brokenOff: { status: 500, type: 'System.Net.Http.HttpRequestException', hresult: -2146232800 },
  canceled: {
    status: 500,
    type: 'System.Threading.Tasks.TaskCanceledException',
    hresult: -2146233029,
  },
  redis: {
    status: 500,
    type: 'StackExchange.Redis.RedisConnectionException',
    hresult: -2146233088,
  },
} as const;

const JSON_TYPE = 'application/json; charset=utf-8';
const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';
const VERSIONS = { 'api-supported-versions': '2.0' };
const NOT_CACHED = { 'Cache-Control': 'no-cache,no-store', Expires: '-1', Pragma: 'no-cache' };
const RFC_9110 = 'https://tools.ietf.org/html/rfc9110#section-';

/** The message of a security exception is always the same. */
export const DENIED: Outcome = { kind: 'fault', fault: 'security', message: 'Access denied' };
export const NO_RECORD: Outcome = notFound('The record could not be found');
export const NULL_REFERENCE = {
  kind: 'fault',
  fault: 'nullReference',
  message: 'Object reference not set to an instance of an object.',
} as const satisfies Outcome;

export function notFound(message: string): Outcome {
  return { kind: 'fault', fault: 'notFound', message };
}

export function badRequest(message: string): Outcome {
  return { kind: 'fault', fault: 'argument', message };
}

export function nullArgument(parameter: string): Outcome {
  const message = `Value cannot be null. (Parameter '${parameter}')`;
  return { kind: 'fault', fault: 'argumentNull', message };
}

export function invalid(field: string, message: string): Outcome {
  return { kind: 'invalid', errors: { [field]: [message] } };
}

/** Renders the envelopes, error bodies and content types of docs/docspace-wire.md 2.1, 2.2 and 13.2. */
export function render(input: {
  readonly outcome: Outcome;
  readonly href: string;
  readonly method: string;
}): Answer {
  const { outcome, href, method } = input;
  const links = [{ href, action: method }];
  switch (outcome.kind) {
    case 'ok': {
      const { response, total, headers } = outcome;
      const count = outcome.count ?? countOf(response);
      const body = { response, count, total, links, status: 0, statusCode: 200 };
      return json(200, body, { 'Content-Type': JSON_TYPE, ...VERSIONS, ...headers });
    }
    case 'fault': {
      const { status, type, hresult } = FAULTS[outcome.fault];
      const stack = type === null ? null : '   at DocSpace (simulated)';
      const error = { message: outcome.message, type, stack, hresult };
      const headers = { 'Content-Type': JSON_TYPE, ...NOT_CACHED };
      const body = { error, status: 1, statusCode: status };
      return json(status, body, outcome.early ? headers : { ...headers, ...VERSIONS });
    }
    case 'invalid': {
      const response = {
        type: `${RFC_9110}15.5.1`,
        title: 'One or more validation errors occurred.',
        status: 400,
        errors: outcome.errors,
        traceId: newTrace(),
      };
      const body = { response, count: 1, links, status: 1, statusCode: 400 };
      return json(400, body, { 'Content-Type': PROBLEM_TYPE });
    }
    case 'notJson': {
      const problem = { type: `${RFC_9110}15.5.16`, title: 'Unsupported Media Type', status: 415 };
      const response = { ...problem, traceId: newTrace() };
      const body = { response, count: 1, links, status: 0, statusCode: 200 };
      return json(415, body, { 'Content-Type': PROBLEM_TYPE });
    }
    case 'empty':
      return { status: outcome.status, headers: outcome.headers ?? {}, body: '' };
    case 'problem': {
      const { status } = outcome;
      const type = `${RFC_9110}${status === 403 ? '15.5.4' : '15.5.5'}`;
      const title = status === 403 ? 'Forbidden' : 'Not Found';
      const body = { type, title, status, traceId: newTrace() };
      return json(status, body, { 'Content-Type': PROBLEM_TYPE });
    }
    default:
      throw new Error(`Nothing renders ${JSON.stringify(outcome satisfies never)}.`);
  }
}

/** A trace in the W3C form, as the header `traceparent` contains it. */
export function newTrace(): string {
  return `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-00`;
}

/** Returns the length of a list, 0 for no response, and 1 for any other (docs/docspace-wire.md 2.1). */
function countOf(response: unknown): number {
  if (Array.isArray(response)) return response.length;
  return response === undefined ? 0 : 1;
}

function json(status: number, body: unknown, headers: Readonly<Record<string, string>>): Answer {
  return { status, headers, body: answerJson(body) };
}
