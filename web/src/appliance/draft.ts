import { useMemo, useState } from 'react';
import { recogniseFiles } from '../check/recognise.ts';
import type { BundlePart, NamedFile, Recognised } from '../check/request.ts';
import type { Appliance } from './appliance-data.ts';
import { pasted, withDropped, withoutPart, withPart } from './bundle-files.ts';

/** Everything that the form holds besides files. */
export interface Fields {
  readonly name: string;
  readonly passphrase: string;
  readonly keepPassphrase: boolean;
  readonly crl: boolean;
  readonly reason: string;
  /** Not at once, but at `activateAt`: a time that is not whole yet is no wish for now. */
  readonly later: boolean;
  /** As `<input type="datetime-local">` has it. */
  readonly activateAt: string;
  /** Minutes; empty: no confirmation. */
  readonly confirmWithin: string;
}

export interface Draft {
  readonly fields: Fields;
  readonly files: readonly NamedFile[];
  readonly recognised: Recognised;
  readonly set: (change: Partial<Fields>) => void;
  readonly drop: (files: readonly NamedFile[]) => void;
  readonly paste: (text: string) => void;
  readonly choose: (part: BundlePart, file: NamedFile) => void;
  readonly clear: (part: BundlePart) => void;
  readonly remove: (index: number) => void;
  /** Forgets files and passphrase. */
  readonly reset: () => void;
}

/** The form's content; none of it leaves the page from here. */
export function useDraft(appliance: Appliance): Draft {
  const empty = (): Fields => ({
    name: '',
    passphrase: '',
    keepPassphrase: false,
    crl: appliance.crl === 'on',
    reason: '',
    later: false,
    activateAt: '',
    confirmWithin: '',
  });
  const [fields, setFields] = useState(empty);
  const [files, setFiles] = useState<readonly NamedFile[]>([]);
  const recognised = useMemo(() => recogniseFiles(files), [files]);
  const put = (after: readonly NamedFile[]): void => {
    setFiles(after);
    const suggested = suggestedName(recogniseFiles(after).hostname);
    // One that most would choose; what somebody typed stays.
    setFields((before) =>
      before.name.trim() === '' || before.name === suggestedName(recognised.hostname)
        ? { ...before, name: suggested }
        : before,
    );
  };
  return {
    fields,
    files,
    recognised,
    set: (change) => setFields((before) => ({ ...before, ...change })),
    drop: (dropped) => dropped.length > 0 && put(withDropped(files, dropped)),
    paste: (text) => put(withDropped(files, [pasted(text, files)])),
    choose: (part, file) => put(withPart(files, part, file)),
    clear: (part) => put(withoutPart(files, part)),
    remove: (index) => put(files.filter((_, i) => i !== index)),
    reset: () => {
      setFiles([]);
      setFields(empty());
    },
  };
}

const suggestedName = (hostname: string | undefined): string =>
  hostname === undefined ? '' : `${hostname}, ${new Date().toISOString().slice(0, 7)}`;
