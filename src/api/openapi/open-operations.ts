import { z } from 'zod';
import { readinessSchema } from './answers.ts';
import { docsAssets } from './assets.ts';
import type { Operation } from './operation.ts';

const signature = {
  'x-docspace-signature-256': {
    description:
      '`sha256=` and the HMAC of the raw body with the webhook’s secret, in upper-case hex',
    required: true,
  },
};

/** What asks for no admin token. */
export const openOperations: readonly Operation[] = [
  {
    method: 'head',
    path: '/webhooks/docspace',
    id: 'probeWebhook',
    tag: 'webhook',
    summary: 'The portal’s probe before it saves a webhook',
    access: 'open',
    answers: { 200: { description: 'This address is a webhook', mediaType: null } },
    problems: { 503: 'The service is stopping, or too much is queued: come again' },
  },
  {
    method: 'get',
    path: '/webhooks/docspace',
    id: 'showWebhook',
    tag: 'webhook',
    summary: 'The same for people',
    access: 'open',
    answers: {
      200: {
        description: 'This address is a webhook',
        schema: z.object({ status: z.literal('ready') }),
      },
    },
    problems: { 503: 'The service is stopping, or too much is queued: come again' },
  },
  {
    method: 'post',
    path: '/webhooks/docspace',
    id: 'deliver',
    tag: 'webhook',
    summary: 'What the portal tells of its users',
    description: 'Answered after the delivery reached the disk. Never 410, never a redirect.',
    access: 'signature',
    headers: signature,
    body: { schema: z.unknown() },
    answers: {
      200: {
        description:
          '`accepted`; `duplicate`: the same came before; `ignored`: another trigger; `unreadable`: kept for the operator',
        schema: z.object({ status: z.enum(['accepted', 'duplicate', 'ignored', 'unreadable']) }),
      },
    },
    problems: {
      401: 'No signature, or a wrong one',
      413: 'Larger than 1 MiB',
      500: 'Something went wrong here: the log of the service says what',
      503: 'It could not be kept: the portal tries again',
    },
  },
  {
    method: 'get',
    path: '/healthz',
    id: 'isAlive',
    tag: 'probes',
    summary: 'Alive: for load balancers and supervisors',
    access: 'open',
    answers: {
      200: { description: 'It is', schema: z.object({ status: z.literal('ok') }) },
    },
  },
  {
    method: 'get',
    path: '/readyz',
    id: 'isReady',
    tag: 'probes',
    summary: 'What works and what does not: for alerts',
    access: 'open',
    answers: {
      200: { description: 'Nothing is wrong', schema: readinessSchema },
      503: { description: 'A part is wrong', schema: readinessSchema },
    },
  },
  {
    method: 'get',
    path: '/openapi.json',
    id: 'describe',
    tag: 'documentation',
    summary: 'This document',
    access: 'open',
    answers: {
      200: { description: 'OpenAPI 3.1', schema: z.looseObject({ openapi: z.string() }) },
    },
  },
  {
    method: 'get',
    path: '/docs',
    id: 'showDocumentation',
    tag: 'documentation',
    summary: 'This document for people',
    access: 'open',
    answers: { 200: { description: 'A page', mediaType: 'text/html' } },
  },
  {
    method: 'get',
    path: '/docs/{asset}',
    id: 'documentationAsset',
    tag: 'documentation',
    summary: 'What that page is made of',
    access: 'open',
    pathParameters: {
      asset: { description: 'A file', schema: { type: 'string', enum: Object.keys(docsAssets) } },
    },
    answers: { 200: { description: 'The file', mediaType: '*/*' } },
    problems: { 404: 'There is no such file' },
  },
];
