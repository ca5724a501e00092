/** The deepest nesting that is parsed. JSON of a portal has less than ten levels. */
const deepestLevel = 64;

/**
 * Parses JSON that a stranger may have written. Deep nesting is refused before parsing, because
 * millions of nested arrays use gigabytes of memory.
 * @returns undefined if the text is not JSON or is nested too deeply
 */
export function parseJson(text: string): unknown {
  if (isTooDeep(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isTooDeep(text: string): boolean {
  // A text with few brackets cannot be nested too deeply. Most texts have few, and counting is fast.
  if (text.split(/[[{]/, deepestLevel + 2).length <= deepestLevel + 1) return false;
  let depth = 0;
  let isInString = false;
  for (let i = 0; i < text.length; i += 1) {
    switch (text.charCodeAt(i)) {
      case 0x5c: // backslash: skips the character that it escapes
        if (isInString) i += 1;
        break;
      case 0x22: // "
        isInString = !isInString;
        break;
      case 0x5b: // [
      case 0x7b: // {
        if (!isInString) depth += 1;
        if (depth > deepestLevel) return true;
        break;
      case 0x5d: // ]
      case 0x7d: // }
        if (!isInString) depth -= 1;
        break;
      default:
    }
  }
  return false;
}
