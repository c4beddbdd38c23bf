import { Paper } from '@mantine/core';
import { ChainPicture } from '../report/ChainPicture.tsx';
import { chainOfStanding } from '../report/chain.ts';
import type { Standing } from './appliance-data.ts';

/** Who signed whom, as the server sees it now. */
export function Chain({ standing }: { standing: Standing }) {
  const chain = chainOfStanding(standing);
  if (chain === undefined) return null;
  return (
    <Paper withBorder p="md">
      <ChainPicture chain={chain} />
    </Paper>
  );
}
