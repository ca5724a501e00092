/** DocSpace takes 64 at most; a longer one came another way, and still has to fit into a mail. */
const mostCharacters = 300;

/**
 * A stranger's text as one visible line: no line break or control character (they end headers), no
 * mark that turns the direction of what follows, nothing invisible.
 */
export function oneLine(text: string): string {
  const visible = text
    .replace(/\p{Cs}/gu, '\ufffd')
    .normalize('NFC')
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, ' ')
    // Joiners shape letters and emoji in many scripts, so they stay; every other format mark goes.
    .replace(/(?![\u200c\u200d])\p{Cf}/gu, '')
    .replace(/\s+/g, ' ')
    .trim();
  const characters = [...visible];
  if (characters.length <= mostCharacters) return visible;
  return `${characters.slice(0, mostCharacters - 1).join('')}…`;
}
