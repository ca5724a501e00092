import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';

/** The most bytes that `discardBody` reads. Nobody sends more by mistake. */
const longestDiscardBytes = 64 * 1024 * 1024;

/**
 * The fields of a form, including files.
 * @throws HTTPException 400 if the body is cut short or does not match its content type
 */
export async function formFields(c: Context): Promise<Readonly<Record<string, string | File>>> {
  try {
    return await c.req.parseBody();
  } catch {
    // The parser does not say what is wrong with the form, so the answer cannot say it either.
    throw new HTTPException(400);
  }
}

/** The text fields of a form; files are left out. */
export async function textFields(c: Context): Promise<Readonly<Record<string, string>>> {
  const fields = Object.entries(await formFields(c));
  return Object.fromEntries(
    fields.filter((field): field is [string, string] => typeof field[1] === 'string'),
  );
}

/**
 * Reads the rest of a body and drops it. Chromium and Firefox show an answer only after they have sent
 * the whole body. If the rest is never read, they show "connection reset".
 */
export async function discardBody(c: Context): Promise<void> {
  let discarded = 0;
  for await (const chunk of c.req.raw.body ?? []) {
    discarded += chunk.length;
    if (discarded > longestDiscardBytes) return;
  }
}
