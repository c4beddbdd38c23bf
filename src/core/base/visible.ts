/** Text on its way to a screen: nothing in it may be obeyed or hidden. */

// Controls; formatting characters (zero-width, bidirectional, tags); line and paragraph separators; lone surrogates;
// variation selectors. A certificate's name may hold any of them, and a terminal or a browser may obey or hide them.
export const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Variation_Selector}]/gu;

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\0': '\\0' };

/** `text` with everything a screen could obey, or hide, written out: `\n`, `\x1b`, `\u{202e}`. */
export function visible(text: string): string {
  return text.replace(UNSAFE, (character) => {
    const short = SHORT[character];
    if (short !== undefined) return short;
    const code = character.codePointAt(0)!;
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
  });
}

/** The same for text of our own that has lines: each line made harmless, the line ends kept. */
export const visibleLines = (text: string): string[] => text.split(/\r?\n/).map(visible);
