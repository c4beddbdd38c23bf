import { Anchor, Button, Text } from '@mantine/core';
import { IconCircleCheck } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import type { Overview } from '../../../src/http/contract/overview.ts';
import { useMay } from '../api/session.ts';
import { count } from '../parts/count.ts';
import classes from './FirstSteps.module.css';
import overviewClasses from './Overview.module.css';
import { Problems } from './Problems.tsx';

/** Nothing is watched yet: what to do, in which order, and why. */
export function FirstSteps({ overview }: { overview: Overview }) {
  const may = useMay();
  const { total: anchors } = overview.anchors;
  return (
    <div className={overviewClasses['page']}>
      <section aria-label="First steps" className={overviewClasses['stack']}>
        <div>
          <h2 className={classes['title']}>Three steps to a watched fleet</h2>
          <Text c="dimmed">There is no appliance yet. Do these in order; each takes a minute.</Text>
        </div>
        <ol className={classes['steps']}>
          <Step
            number={1}
            done={anchors > 0}
            title="Trust your CA"
            action={
              may('trust:write') && (
                <Go
                  to="/trust"
                  label={anchors > 0 ? 'Trust anchors' : 'Add its root certificate'}
                  quiet={anchors > 0}
                />
              )
            }
          >
            {anchors > 0
              ? `Done: ${count(anchors, 'root certificate is', 'root certificates are')} trusted.`
              : 'Add the root certificate of the CA that signs your appliances’ certificates. Without it every certificate is refused, since nobody can tell who signed it.'}
          </Step>
          <Step
            number={2}
            title="Add your appliances"
            action={
              may('inventory:write') && (
                <>
                  <Go to="/appliances?dialog=add" label="Add one" quiet={anchors === 0} />
                  <Go to="/appliances?dialog=import" label="Import a CSV file" quiet />
                </>
              )
            }
          >
            Sensors and HA servers, one by one or all at once out of a spreadsheet. A name and a host name are enough.
          </Step>
          <Step number={3} title="Upload a certificate for each">
            On the appliance’s page: drop the files in any order. The page says at once what is wrong with them and how
            to mend it, before anything leaves your browser.
          </Step>
        </ol>
        <Text size="sm">
          Only want to know whether some files are fine?{' '}
          <Anchor component={Link} to="/preflight" inherit underline="always">
            Preflight
          </Anchor>{' '}
          checks them and keeps nothing.
        </Text>
      </section>
      {overview.problems.total > 0 && <Problems problems={overview.problems} />}
    </div>
  );
}

interface StepProps {
  readonly number: number;
  readonly title: string;
  readonly done?: boolean;
  readonly action?: ReactNode;
  readonly children: ReactNode;
}

function Step({ number, title, done = false, action, children }: StepProps) {
  return (
    <li className={`${overviewClasses['card']} ${classes['step']}`}>
      <span className={`${classes['number']} ${done ? classes['done'] : ''}`} aria-hidden="true">
        {done ? <IconCircleCheck size={22} /> : number}
      </span>
      <div className={classes['words']}>
        <h3 className={classes['name']}>{title}</h3>
        <p className={classes['text']}>{children}</p>
        {action !== undefined && action !== false && <div className={classes['actions']}>{action}</div>}
      </div>
    </li>
  );
}

function Go({ to, label, quiet = false }: { to: string; label: string; quiet?: boolean }) {
  return (
    <Button component={Link} to={to} size="sm" variant={quiet ? 'default' : 'filled'}>
      {label}
    </Button>
  );
}
