import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';

/** More than anybody sends by mistake. After that the connection is cut. */
const longestDiscardBytes = 64 * 1024 * 1024;

/**
 * The fields of a form, files among them.
 * @throws HTTPException 400 when the body is not a form: cut short, or not as its content type says
 */
export async function formFields(c: Context): Promise<Readonly<Record<string, string | File>>> {
  try {
    return await c.req.parseBody();
  } catch {
    // The parser only says that it failed: the sender has to check the form.
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
 * Reads the rest of a body and keeps nothing of it. Chromium and Firefox show an answer only after
 * they have sent everything, and "connection reset" if the rest is never read.
 */
export async function discardBody(c: Context): Promise<void> {
  let discarded = 0;
  for await (const chunk of c.req.raw.body ?? []) {
    discarded += chunk.length;
    if (discarded > longestDiscardBytes) return;
  }
}
