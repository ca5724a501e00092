import type { z } from 'zod';

/** A route as the document describes it; the tables are lists of these. */
export type Operation = {
  readonly method: 'get' | 'post' | 'head';
  /** With `{name}` for a parameter. */
  readonly path: string;
  /** `operationId`: what generated clients call it. */
  readonly id: string;
  readonly tag: Tag;
  readonly summary: string;
  readonly description?: string;
  readonly access: 'open' | 'signature' | 'admin';
  /** What each parameter in the path is. */
  readonly pathParameters?: Readonly<Record<string, Parameter>>;
  /** The schema that the route validates its query with. */
  readonly query?: z.ZodObject;
  readonly headers?: Readonly<Record<string, Parameter>>;
  readonly body?: {
    readonly schema: z.ZodType;
    /** An empty one means something as well. */
    readonly optional?: boolean;
  };
  /** Besides the problems: what it answers when all is well, or well known. */
  readonly answers: Readonly<Record<number, Answer>>;
  /** Statuses that come as problems. 401, 413, 500 and 503 of `access: 'admin'` go without saying. */
  readonly problems?: Readonly<Record<number, string>>;
};

type Tag =
  | 'webhook'
  | 'probes'
  | 'invitations'
  | 'members'
  | 'deliveries'
  | 'operation'
  | 'documentation';

export type Parameter = {
  readonly description: string;
  readonly required?: boolean;
  readonly schema?: Readonly<Record<string, unknown>>;
};

export type Answer = {
  readonly description: string;
  /** JSON of this shape; without one the media type says what comes. */
  readonly schema?: z.ZodType;
  /** Null: no body. */
  readonly mediaType?: string | null;
};
