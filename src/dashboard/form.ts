import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';

/**
 * The fields of a form, files among them.
 * @throws HTTPException 400 when it is none: cut short, or not as its content type says
 */
export async function formFields(c: Context): Promise<Readonly<Record<string, string | File>>> {
  try {
    return await c.req.parseBody();
  } catch {
    // The parser says nothing but that it could not: whoever sent it has to look.
    throw new HTTPException(400);
  }
}

/** The text fields of a form; a file among them is left out. */
export async function textFields(c: Context): Promise<Readonly<Record<string, string>>> {
  const fields = Object.entries(await formFields(c));
  return Object.fromEntries(
    fields.filter((field): field is [string, string] => typeof field[1] === 'string'),
  );
}
