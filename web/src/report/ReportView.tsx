import { Text, Title } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck, IconCircleX } from '@tabler/icons-react';
import { type ReactNode, useId } from 'react';
import type { Report } from '../../../src/core/base/finding.ts';
import { visible } from '../../../src/core/base/visible.ts';
import type { Evidence } from '../check/request.ts';
import { Moment } from '../parts/Moment.tsx';
import { FindingCard } from './FindingCard.tsx';
import { NotChecked } from './NotChecked.tsx';
import { Passed } from './Passed.tsx';
import { type FileNamesOfReport, grouped, isRefusal, type Placed, tally, TRUST_WORDS, VERDICTS } from './words.ts';
import classes from './report.module.css';

export interface ReportViewProps {
  /** Of the check in this page, or of the server. */
  readonly report: Report;
  /** What the files are called; default: `sensor.crt` and so on, as the engine's texts call them. */
  readonly names?: FileNamesOfReport;
  /** For each finding, in the order of the report; reports of the server come without. */
  readonly evidence?: readonly (Evidence | undefined)[];
  /** Shown below the root cause: the chain picture. */
  readonly picture?: ReactNode;
  /** A newer report is on its way. */
  readonly stale?: boolean;
  /** Rules have pages of their own only where the console is. Default true. */
  readonly linkRules?: boolean;
}

const ICONS = { accepted: IconCircleCheck, unsupported: IconAlertTriangle, refused: IconCircleX } as const;

/** What a check found: the verdict, the root cause first and largest, then everything else by how much it weighs. */
export function ReportView(props: ReportViewProps) {
  const { report, picture, stale = false, linkRules = true } = props;
  const { cause, refused, unsupported, warnings, unchecked, passed, inapplicable } = grouped(report);
  const names = props.names ?? {};
  const fixes = new Map<string, number>();
  for (const [index, { fix }] of report.findings.entries())
    if (fix !== undefined && !fixes.has(fix)) fixes.set(fix, index);
  const card = ({ finding, index }: Placed, weight: 'cause' | 'more'): ReactNode => (
    <FindingCard
      key={index}
      finding={finding}
      evidence={props.evidence?.[index]}
      names={names}
      weight={weight}
      fixedAbove={finding.fix !== undefined && fixes.get(finding.fix) !== index}
      linkRules={linkRules}
    />
  );
  const alone = refused.length === 0;
  return (
    <div className={classes['report']} data-verdict={report.verdict} aria-busy={stale}>
      <Verdict report={report} stale={stale} />
      <div role="status" className={classes['hidden']}>
        {VERDICTS[report.verdict].title}. {tally(report)} {cause !== undefined && visible(cause.finding.message)}
      </div>
      {cause !== undefined && (
        <Group
          title={
            !isRefusal(cause.finding.status)
              ? 'Why it is unsupported'
              : alone
                ? 'Why it is refused'
                : 'Root cause: mend this first'
          }
        >
          {card(cause, 'cause')}
        </Group>
      )}
      {picture}
      <Cards title="Also refused" placed={refused} card={card} />
      <Cards title="Unsupported" placed={unsupported} card={card} />
      <Cards title={warnings.length === 1 ? 'Warning' : 'Warnings'} placed={warnings} card={card} />
      <NotChecked placed={unchecked} />
      <Passed passed={passed} inapplicable={inapplicable} linkRules={linkRules} />
    </div>
  );
}

function Verdict({ report, stale }: { report: Report; stale: boolean }) {
  const { verdict, lowered = [], complete } = report;
  const { tone, title, sentence } = VERDICTS[verdict];
  const Icon = ICONS[verdict];
  const said =
    verdict === 'accepted' && lowered.length > 0 ? 'This profile accepts the files; the appliance may not.' : sentence;
  return (
    <div className={`${classes['verdict']} ${classes[tone]}`}>
      <Icon size={36} stroke={1.8} aria-hidden />
      <div className={classes['grow']}>
        <Title order={2} size="h2" className={classes['word']}>
          {title}
        </Title>
        <Text inherit>{said}</Text>
        {verdict === 'accepted' && !complete && (
          <Text inherit>Not everything could be checked; what and why stands below.</Text>
        )}
        <Text component="div" size="sm" mt={6}>
          {tally(report)}
          {stale && ' Checking again …'}
          <br />
          Judged for <Moment at={report.at} />, {TRUST_WORDS[report.trust]}, by the profile {visible(report.profile)}.
          {lowered.length > 0 && ` It is more lenient than the vendor in: ${lowered.map(visible).join(', ')}.`}
        </Text>
      </div>
    </div>
  );
}

function Group({ title, children }: { title: string; children: ReactNode }) {
  const id = useId();
  return (
    <section aria-labelledby={id}>
      <Title order={2} size="h4" id={id} className={classes['heading']}>
        {title}
      </Title>
      {children}
    </section>
  );
}

interface CardsProps {
  readonly title: string;
  readonly placed: readonly Placed[];
  readonly card: (placed: Placed, weight: 'more') => ReactNode;
}

function Cards({ title, placed, card }: CardsProps) {
  if (placed.length === 0) return null;
  return (
    <Group title={placed.length === 1 ? title : `${title} (${placed.length})`}>
      <div className={classes['cards']}>{placed.map((one) => card(one, 'more'))}</div>
    </Group>
  );
}
