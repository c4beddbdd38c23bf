import { Anchor, Text, Title } from '@mantine/core';
import type { Finding } from '../../../src/core/base/finding.ts';
import { visible } from '../../../src/core/base/visible.ts';
import type { Evidence } from '../check/request.ts';
import { Bytes } from './Bytes.tsx';
import { commandNames, Prose } from './Prose.tsx';
import { Words } from './Words.tsx';
import { bytesWords, citation, fieldWords, fileWords, type FileNamesOfReport, isRefusal } from './words.ts';
import classes from './report.module.css';

export interface FindingCardProps {
  readonly finding: Finding;
  readonly evidence?: Evidence | undefined;
  readonly names: FileNamesOfReport;
  /** `cause`: everything that is known, large. `more`: what it is and what to do, the rest unfolded on demand. */
  readonly weight: 'cause' | 'more';
  /** An earlier finding asks for the same. */
  readonly fixedAbove?: boolean;
  readonly linkRules: boolean;
}

/** One thing that is the matter: what, found and required, how to mend it, where. */
export function FindingCard(props: FindingCardProps) {
  const { finding, weight } = props;
  return (
    <article className={`${classes['card']} ${classes[weight]} ${classes[toneOf(finding)]}`} data-rule={finding.rule}>
      <Title order={3} size={sizeOf(props)} className={classes['message']}>
        <Words text={finding.message} />
      </Title>
      {weight === 'cause' ? (
        <>
          <Values finding={finding} />
          <Fix {...props} />
          <Details {...props} />
        </>
      ) : (
        <>
          <Fix {...props} />
          <details className={classes['fold']}>
            <summary>
              Found, required, where<span className={classes['hidden']}>: {finding.rule}</span>
            </summary>
            <Values finding={finding} />
            <Details {...props} />
          </details>
        </>
      )}
    </article>
  );
}

/** A message of many lines is read, not shouted. */
const sizeOf = ({ weight, finding: { message } }: FindingCardProps): string =>
  weight === 'more' ? 'h5' : message.length > 180 ? 'h4' : 'h3';

function Fix({ finding: { fix }, names, fixedAbove = false }: FindingCardProps) {
  if (fix === undefined) return null;
  return (
    <div className={classes['fix']}>
      <div className={classes['label']}>What to do</div>
      {fixedAbove ? <Text inherit>The same as above.</Text> : <Prose text={fix} names={commandNames(names)} />}
    </div>
  );
}

/** What is there, beside what should be. */
function Values({ finding: { found: value, required, message } }: Pick<FindingCardProps, 'finding'>) {
  // What the message says already in full is not worth several lines more.
  const found = value !== undefined && value.length > 60 && message.includes(value) ? undefined : value;
  return (
    <dl className={`${classes['facts']} ${classes['values']}`}>
      {found !== undefined && (
        <Fact name="Found" strong="bad">
          <span>
            <Words text={found} />
          </span>
        </Fact>
      )}
      {required !== undefined && (
        <Fact name="Required" strong="good">
          <span>
            <Words text={required} />
          </span>
        </Fact>
      )}
    </dl>
  );
}

const toneOf = ({ status }: Finding): string =>
  isRefusal(status) ? 'bad' : status === 'unsupported' ? 'odd' : status === 'warning' ? 'warn' : 'calm';

/** The place, what others would say, and who demands it. */
function Details({ finding, evidence, names, linkRules }: FindingCardProps) {
  const { status, applianceSays, clientsSay, source, rule, location } = finding;
  const says =
    applianceSays !== undefined
      ? `“${visible(applianceSays)}”`
      : status === 'refused' || status === 'unsupported'
        ? 'Nothing: it would take this without a word.'
        : undefined;
  return (
    <dl className={classes['facts']}>
      {location !== undefined && (
        <Fact name="Where">
          <Where finding={finding} names={names} />
          {evidence !== undefined && (
            <Bytes evidence={evidence} label={`Bytes of ${fileWords(location.file, names)}`} />
          )}
        </Fact>
      )}
      {says !== undefined && <Fact name="The appliance would have said">{says}</Fact>}
      {clientsSay !== undefined && <Fact name="Browsers would say">{visible(clientsSay)}</Fact>}
      <Fact name="Rule">
        <span>
          {linkRules ? (
            <Anchor underline="always" href={`/rules/${rule}`} target="_blank" rel="noreferrer" inherit>
              {rule}
            </Anchor>
          ) : (
            <code>{rule}</code>
          )}
          {source !== undefined && <span className={classes['source']}> · {citation(source)}</span>}
        </span>
      </Fact>
    </dl>
  );
}

function Fact({ name, strong, children }: { name: string; strong?: 'good' | 'bad'; children: React.ReactNode }) {
  return (
    <div className={`${classes['fact']} ${strong === undefined ? '' : classes[`value-${strong}`]}`}>
      <dt className={classes['label']}>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** `sensor.crt › validity.notAfter › bytes 154 to 168` */
function Where({ finding: { location }, names }: Pick<FindingCardProps, 'finding' | 'names'>) {
  if (location === undefined) return null;
  const { file, block, path } = location;
  const bytes = bytesWords(location);
  const parts = [
    fileWords(file, names),
    // The first block of a file is nearly always the only one.
    ...(block !== undefined && block > 0 ? [`certificate ${block + 1} of the file`] : []),
    ...(path === undefined ? [] : [fieldWords(path)]),
    ...(bytes === undefined ? [] : [bytes]),
  ];
  return (
    <span className={classes['where']}>
      {parts.map((part, i) => (
        <span key={part}>
          {i > 0 && <span aria-hidden> › </span>}
          {part}
          {i < parts.length - 1 && <span className={classes['hidden']}>, </span>}
        </span>
      ))}
    </span>
  );
}
