import { useEffect, useRef, useState } from 'react';
import type { Report } from '../../../src/core/base/finding.ts';
import type { ChainPictureData } from '../report/chain.ts';
import { CheckEngine, CheckFailed, Superseded } from './engine.ts';
import type {
  CheckCircumstances,
  CheckFailure,
  Evidence,
  FleetFacts,
  NamedFile,
  Recognised,
  ServerCrls,
} from './request.ts';

export interface PageCheckInput extends CheckCircumstances {
  readonly files: readonly NamedFile[];
  readonly passphrase?: string;
  /** With CRL validation on and no CRL files: who has the CRLs for these certificates (`serverCrlsFor`). Default: nobody. */
  readonly crlsFor?: (certificates: readonly Uint8Array[]) => Promise<ServerCrls>;
  /** Who else has the name, the certificate or the key (`fleetFor`). Default: nobody knows. */
  readonly fleetFor?: (certificates: readonly Uint8Array[]) => Promise<FleetFacts>;
}

export interface PageCheck {
  /** Of the last check that ended; undefined while there is none, or no certificate to judge. */
  readonly report?: Report;
  /** For each finding of `report`, in its order. */
  readonly evidence: readonly (Evidence | undefined)[];
  readonly chain?: ChainPictureData;
  readonly recognised?: Recognised;
  /** What is shown is about to be replaced. */
  readonly running: boolean;
  /** Why there is no report: one of before would speak of something else. */
  readonly failure?: CheckFailure;
  /** The worker's time for the last report. */
  readonly milliseconds?: number;
}

const NOTHING: PageCheck = { evidence: [], running: false };
/** So long after the last key stroke. */
const PAUSE = 150;

/**
 * Checks a bundle in this page, again whenever anything of the input changes, a moment after the last change. Nothing
 * leaves the page but, where `crlsFor` or `fleetFor` is given, the certificates. Inputs are compared piece by piece: arrays may be
 * made anew as long as their pieces are the same objects.
 */
export function usePageCheck(input: PageCheckInput): PageCheck {
  const engine = useRef<CheckEngine>(undefined);
  const stable = useStable(input);
  const [state, setState] = useState<PageCheck>(NOTHING);
  const lastFiles = useRef<readonly NamedFile[]>(undefined);
  const asked = useRef(new Map<string, Promise<unknown>>());

  // The worker holds what the user dropped: it ends with the page.
  useEffect(() => () => engine.current?.stop(), []);

  useEffect(() => {
    if (stable.files.length === 0) {
      engine.current?.stop();
      engine.current = undefined;
      lastFiles.current = undefined;
      asked.current.clear();
      setState(NOTHING);
      return undefined;
    }
    let current = true;
    const dropped = lastFiles.current !== stable.files;
    lastFiles.current = stable.files;
    setState((before) => ({ ...before, running: true }));
    // Who drops a file waits for nothing; who types is waited for.
    const timer = setTimeout(() => void run(), dropped ? 0 : PAUSE);
    async function run(): Promise<void> {
      engine.current ??= new CheckEngine();
      try {
        const answer = await checked(engine.current, stable, { asked: asked.current, isCurrent: () => current });
        const { report, chain, ...rest } = answer;
        if (current) setState({ ...rest, running: false, ...(report && { report }), ...(chain && { chain }) });
      } catch (error) {
        if (!current || error instanceof Superseded) return;
        if (!(error instanceof CheckFailed)) throw error;
        const { failure } = error;
        setState(({ recognised }) => ({ ...NOTHING, ...(recognised && { recognised }), failure }));
      }
    }
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [stable]);
  return state;
}

interface Run {
  readonly asked: Map<string, Promise<unknown>>;
  readonly isCurrent: () => boolean;
}

/** One check, the server asked before about the certificates where that is wanted. */
async function checked(
  engine: CheckEngine,
  { files, passphrase, crlsFor, fleetFor, ...circumstances }: PageCheckInput,
  { asked, isCurrent }: Run,
) {
  const at = circumstances.at ?? new Date().toISOString();
  const wantsCrls = circumstances.crl === 'on' && circumstances.crls === undefined;
  let serverCrls: ServerCrls | undefined;
  let { fleet } = circumstances;
  if ((crlsFor !== undefined && wantsCrls) || fleetFor !== undefined) {
    const { certificates, crls } = await engine.recognise(files);
    const wanted = wantsCrls && crls.length === 0;
    [serverCrls, fleet] = await Promise.all([
      wanted ? once('crls', certificates, crlsFor, asked) : undefined,
      fleet ?? once('fleet', certificates, fleetFor, asked),
    ]);
    if (!isCurrent()) throw new Superseded();
  }
  return engine.check({
    files,
    passphrase,
    circumstances: { ...circumstances, at, ...(fleet !== undefined && { fleet }) },
    serverCrls,
  });
}

/** The same about the same certificates is asked once; where the server has no answer, nothing is known of it. */
async function once<T>(
  what: string,
  certificates: readonly Uint8Array[],
  ask: ((certificates: readonly Uint8Array[]) => Promise<T>) | undefined,
  asked: Map<string, Promise<unknown>>,
): Promise<T | undefined> {
  if (ask === undefined || certificates.length === 0) return undefined;
  // The signature at the end tells certificates apart.
  const key = `${what} ${certificates.map((der) => der.subarray(-32).join()).join(';')}`;
  const pending = (asked.get(key) as Promise<T> | undefined) ?? ask(certificates);
  asked.set(key, pending);
  try {
    return await pending;
  } catch {
    asked.delete(key);
    return undefined;
  }
}

/** The same object as long as its pieces are the same. */
function useStable(input: PageCheckInput): PageCheckInput {
  const kept = useRef(input);
  if (!isSame(kept.current, input)) kept.current = input;
  return kept.current;
}

function isSame(a: PageCheckInput, b: PageCheckInput): boolean {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]) as Set<keyof PageCheckInput>;
  return [...names].every((name) => typeof b[name] === 'function' || isSamePiece(a[name], b[name]));
}

function isSamePiece(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((one, i) => isSamePiece(one, b[i]));
  if (!isPlain(a) || !isPlain(b)) return false;
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => isSamePiece(a[name], b[name]));
}

const isPlain = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
