/** What a handler found; `render` turns it into what goes over the wire. */
export type Outcome =
  | {
      readonly kind: 'ok';
      /** Left out for void actions and null results. */
      readonly response?: unknown;
      readonly count?: number;
      readonly total?: number;
    }
  | { readonly kind: 'fault'; readonly fault: Fault; readonly message: string }
  /** Model validation: a list of messages by field (wire 2.2). */
  | { readonly kind: 'invalid'; readonly errors: Readonly<Record<string, readonly string[]>> }
  /** Made by filters and middleware: no body. */
  | {
      readonly kind: 'empty';
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** ProblemDetails outside the envelope (wire 1.2). */
  | { readonly kind: 'problem'; readonly status: number; readonly title: string };

export type Answer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};
type Fault = keyof typeof FAULTS;

// wire 2.2. The namespaces and hresult numbers are illustrative there too.
const FAULTS = {
  notFound: { status: 404, type: 'ASC.Common.Web.ItemNotFoundException', hresult: -2146233088 },
  argument: { status: 400, type: 'System.ArgumentException', hresult: -2147024809 },
  argumentNull: { status: 400, type: 'System.ArgumentNullException', hresult: -2147467261 },
  security: { status: 403, type: 'System.Security.SecurityException', hresult: -2146233078 },
  unexpected: {
    status: 500,
    type: 'System.Net.Http.HttpRequestException',
    hresult: -2147467259,
  },
} as const;

const JSON_TYPE = 'application/json; charset=utf-8';
const PROBLEM_TYPE = 'application/problem+json';

/** The message of a security exception is always the same (wire 2.2). */
export const DENIED: Outcome = { kind: 'fault', fault: 'security', message: 'Access denied' };

export function notFound(message: string): Outcome {
  return { kind: 'fault', fault: 'notFound', message };
}

export function badRequest(message: string): Outcome {
  return { kind: 'fault', fault: 'argument', message };
}

export function invalid(field: string, message: string): Outcome {
  return { kind: 'invalid', errors: { [field]: [message] } };
}

/** Envelopes, error bodies and content types of wire 2.1 and 2.2. */
export function render(input: {
  readonly outcome: Outcome;
  readonly href: string;
  readonly method: string;
}): Answer {
  const { outcome, href, method } = input;
  const links = [{ href, action: method }];
  switch (outcome.kind) {
    case 'ok': {
      const { response, total } = outcome;
      const count = outcome.count ?? countOf(response);
      return json(200, { response, count, total, links, status: 0, statusCode: 200 });
    }
    case 'fault': {
      const { status, type, hresult } = FAULTS[outcome.fault];
      const error = {
        message: outcome.message,
        type,
        stack: '   at DocSpace (simulated)',
        hresult,
      };
      return json(status, { error, status: 1, statusCode: status });
    }
    case 'invalid': {
      const response = validationProblem(outcome.errors);
      const body = { response, count: 1, links, status: 1, statusCode: 400 };
      return { ...json(400, body), headers: { 'Content-Type': PROBLEM_TYPE } };
    }
    case 'empty':
      return { status: outcome.status, headers: outcome.headers ?? {}, body: '' };
    case 'problem': {
      const { status, title } = outcome;
      const type = 'https://tools.ietf.org/html/rfc9110#section-15.5.4';
      const problem = json(status, { type, title, status });
      return { ...problem, headers: { 'Content-Type': PROBLEM_TYPE } };
    }
    default:
      throw new Error(`Nothing renders ${JSON.stringify(outcome satisfies never)}.`);
  }
}

/** Items of a list, 0 for null, else 1 (wire 2.1). */
function countOf(response: unknown): number {
  if (Array.isArray(response)) return response.length;
  return response === undefined ? 0 : 1;
}

function json(status: number, body: unknown): Answer {
  return { status, headers: { 'Content-Type': JSON_TYPE }, body: JSON.stringify(body) };
}

function validationProblem(errors: Readonly<Record<string, readonly string[]>>) {
  return {
    type: 'https://tools.ietf.org/html/rfc9110#section-15.5.1',
    title: 'One or more validation errors occurred.',
    status: 400,
    errors,
    traceId: '00-00000000000000000000000000000000-0000000000000000-00',
  };
}
