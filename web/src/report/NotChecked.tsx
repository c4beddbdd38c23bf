import { Prose } from './Prose.tsx';
import { Words } from './Words.tsx';
import type { Placed } from './words.ts';
import classes from './report.module.css';

/** Rules that nobody could judge, those with the same reason together. */
export function NotChecked({ placed }: { placed: readonly Placed[] }) {
  if (placed.length === 0) return null;
  const reasons = new Map<string, { rules: string[]; fix: string | undefined }>();
  for (const { finding } of placed) {
    const reason = reasons.get(finding.message) ?? { rules: [], fix: finding.fix };
    if (!reason.rules.includes(finding.rule)) reason.rules.push(finding.rule);
    reasons.set(finding.message, reason);
  }
  const count = new Set(placed.map(({ finding }) => finding.rule)).size;
  return (
    <details className={classes['passes']} open={count <= 3}>
      <summary>
        <h2 className={classes['inline']}>Not checked: {count === 1 ? '1 rule' : `${count} rules`}</h2>
      </summary>
      <ul className={classes['list']}>
        {[...reasons].map(([message, { rules, fix }]) => (
          <li key={message}>
            <Words text={message} /> <span className={classes['source']}>{rules.join(', ')}</span>
            {fix !== undefined && <Prose text={fix} />}
          </li>
        ))}
      </ul>
    </details>
  );
}
