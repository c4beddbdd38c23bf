import { useState } from 'react';
import type { NamedFile } from '../check/request.ts';
import { useDropAnywhere } from '../check/useDropAnywhere.ts';
import { usePageCheck } from '../check/usePageCheck.ts';
import { Page } from '../parts/Page.tsx';
import { ChainPicture } from '../report/ChainPicture.tsx';
import { ReportView } from '../report/ReportView.tsx';
import { Circumstances, type Chosen, NOTHING_CHOSEN, toCheck } from './Circumstances.tsx';
import { Files } from './Files.tsx';
import { Frame, OFFLINE } from './Frame.tsx';
import { Save } from './Save.tsx';
import { SaveParts } from './SaveParts.tsx';
import { Waiting } from './Waiting.tsx';
import classes from './Preflight.module.css';

const LEAD = OFFLINE
  ? 'Check a certificate, its key and its chain before you upload them. This page was saved: it works without any network, sends nothing and keeps nothing.'
  : 'Check a certificate, its key and its chain before you upload them. Everything happens in this page: nothing is sent, nothing is kept.';

/** Checks files before anybody uploads them: without signing in, and without sending anything. */
export default function Preflight() {
  const [files, setFiles] = useState<readonly NamedFile[]>([]);
  const [chosen, setChosen] = useState<Chosen>(NOTHING_CHOSEN);
  // A file of a name that is there already takes its place.
  const add = (added: readonly NamedFile[]): void => {
    const names = new Set(added.map(({ name }) => name));
    setFiles((before) => [...before.filter(({ name }) => !names.has(name)), ...added]);
  };
  useDropAnywhere(add);
  const check = usePageCheck({ files, ...toCheck(chosen) });
  const { report, recognised, chain, evidence, running, failure } = check;
  const shown = files.length > 0 ? report : undefined;
  return (
    <Frame>
      <Page title="Preflight" lead={LEAD} actions={!OFFLINE && <Save />}>
        <div className={classes['columns']}>
          <div className={classes['files']}>
            <Files files={files} recognised={recognised} onAdd={add} onChange={setFiles} />
          </div>
          <div className={classes['form']}>
            <Circumstances chosen={chosen} encrypted={recognised?.encrypted === true} onChange={setChosen} />
          </div>
          <div className={classes['report']}>
            <Waiting files={files} running={running} report={shown} recognised={recognised} failure={failure} />
            {shown !== undefined && recognised?.rearranged === true && <SaveParts recognised={recognised} />}
            {shown !== undefined && (
              <ReportView
                report={shown}
                evidence={evidence}
                names={recognised?.names ?? {}}
                stale={running}
                linkRules={false}
                picture={chain && <ChainPicture chain={chain} />}
              />
            )}
          </div>
        </div>
      </Page>
    </Frame>
  );
}
