import { Loader, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { Overview as OverviewData } from '../../../src/http/contract/overview.ts';
import { get } from '../api/request.ts';
import { count } from '../parts/count.ts';
import { Moment } from '../parts/Moment.tsx';
import { Page } from '../parts/Page.tsx';
import { Trouble } from '../parts/Trouble.tsx';
import { Aside } from './Aside.tsx';
import { Expiry } from './Expiry.tsx';
import { FirstSteps } from './FirstSteps.tsx';
import classes from './Overview.module.css';
import { Problems } from './Problems.tsx';
import { Verdict } from './Verdict.tsx';

/** Is everything fine; and if not, what is the matter and what comes first. */
export default function Overview() {
  const { data, error, refetch } = useQuery({
    queryKey: ['overview'],
    queryFn: ({ signal }) => get<OverviewData>('/overview', signal),
  });
  return (
    <Page title="Overview" lead={data !== undefined && data.total > 0 && <AsOf overview={data} />}>
      {error !== null && <Trouble error={error} retry={() => void refetch()} />}
      {data === undefined && error === null && <Loader aria-label="Loading" />}
      {data !== undefined && (data.total === 0 ? <FirstSteps overview={data} /> : <Filled overview={data} />)}
    </Page>
  );
}

function AsOf({ overview: { at, pending } }: { overview: OverviewData }) {
  return (
    <>
      As of <Moment at={at} />
      {pending > 0 && <>; {count(pending, 'appliance is', 'appliances are')} being judged anew just now</>}
    </>
  );
}

function Filled({ overview }: { overview: OverviewData }) {
  return (
    <div className={classes['page']}>
      <Verdict overview={overview} />
      <div className={overview.problems.total > 2 ? classes['columns'] : classes['page']}>
        <Problems problems={overview.problems} />
        <Aside overview={overview} />
      </div>
      <Expiry expiry={overview.expiry} />
      <Text size="sm" c="dimmed">
        Everything here follows what happens by itself; there is nothing to reload.
      </Text>
    </div>
  );
}
