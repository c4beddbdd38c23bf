/** How far the first start has come, in this tab alone: a page that is loaded again goes on where it was. */
const TOKEN = 'certgate.setup-token';
const STEP = 'certgate.setup-step';

/** After the administrator is made. */
export type Step = 'certificate' | 'validation';
/** What is done about the certificate of the console. */
export type Choice = 'upload' | 'self-signed';
const CHOICE = 'certgate.setup-certificate';

// Anybody who gets hold of it becomes administrator: it goes as soon as it is used.
export const keptToken = (): string | null => sessionStorage.getItem(TOKEN);
export const keepToken = (token: string): void => sessionStorage.setItem(TOKEN, token);
export const dropToken = (): void => sessionStorage.removeItem(TOKEN);

export const keptStep = (): Step | undefined => {
  const step = sessionStorage.getItem(STEP);
  return step === 'certificate' || step === 'validation' ? step : undefined;
};
export const keepStep = (step: Step): void => sessionStorage.setItem(STEP, step);
export const keptChoice = (): Choice => (sessionStorage.getItem(CHOICE) === 'upload' ? 'upload' : 'self-signed');
export const keepChoice = (choice: Choice): void => sessionStorage.setItem(CHOICE, choice);

export function finish(): void {
  for (const key of [TOKEN, STEP, CHOICE]) sessionStorage.removeItem(key);
}

const TOKEN_FORM = /^[\w-]{43}$/;

/** The token of a set-up link, or of what somebody pasted of it; a text says what is wrong with it. */
export function tokenOf(pasted: string): { readonly token: string } | { readonly wrong: string } {
  const text = pasted.trim();
  const hash = text.indexOf('#');
  const token = decoded(hash === -1 ? text : text.slice(hash + 1));
  if (TOKEN_FORM.test(token)) return { token };
  if (hash === -1 && text.includes('/')) {
    return { wrong: 'The part from # on is missing. Copy the whole link; on a command line put it in quotes.' };
  }
  const found = token.length === 1 ? '1 character' : `${token.length} characters`;
  return {
    wrong: `After the # stand 43 letters, digits, - and _; here ${token.length === 43 ? 'some are others' : `are ${found}`}. Copy the whole link, also where it goes over two lines.`,
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
