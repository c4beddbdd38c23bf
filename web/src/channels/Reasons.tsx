import { Button, Group, Text } from '@mantine/core';
import { IconHammer } from '@tabler/icons-react';
import { Link } from 'react-router';
import { useMay } from '../api/session.ts';
import { Moment } from '../parts/Moment.tsx';
import { Prose } from '../report/Prose.tsx';
import type { Channel, ChannelState } from './api.ts';
import type { GlassCase } from './BreakGlass.tsx';
import { FindingLines } from './FindingLines.tsx';
import { CONDITIONS } from './words.ts';
import classes from './FindingLines.module.css';

interface ReasonsProps {
  readonly channel: Channel;
  readonly state: ChannelState;
  readonly onBreakGlass: ((glass: GlassCase) => void) | undefined;
}

/** Why nothing flows, or why something would not if it were enforced; and the way out for an hour. */
export function Reasons({ channel, state, onBreakGlass }: ReasonsProps) {
  const { condition, problem, findings, blocked, certificate } = state;
  if (condition === 'disabled' || (problem === null && findings.length === 0 && blocked === null)) return null;
  const [tone] = CONDITIONS[condition];
  const canOverlook = blocked !== null && blocked.fingerprint !== null && blocked.overlookable.length > 0;
  return (
    <div className={classes['reasons']} data-tone={tone === 'good' ? 'warn' : tone}>
      {blocked !== null && (
        <Text size="sm">
          Nothing flows since <Moment at={blocked.since} />,{' '}
          {blocked.whose === 'own'
            ? "because of the channel's own certificate:"
            : 'because of the certificate of the other end:'}
        </Text>
      )}
      {condition === 'observed' && (
        <Text size="sm">
          {channel.validation === 'none'
            ? 'Validation is none, so it flows all the same. With mandatory it would be blocked:'
            : 'Observe mode: it flows all the same. When enforced it would be blocked:'}
        </Text>
      )}
      {problem !== null && (
        <Text size="sm" component="div">
          <Prose text={problem} />
        </Text>
      )}
      {findings.length > 0 && <FindingLines findings={findings} />}
      <Group gap={6}>
        <Mend channel={channel} state={state} />
        {canOverlook && onBreakGlass !== undefined && (
          <Button
            size="compact-sm"
            variant="default"
            leftSection={<IconHammer size={14} aria-hidden />}
            onClick={() =>
              onBreakGlass({
                fingerprint: blocked.fingerprint!,
                subject: blocked.whose === 'own' ? (certificate?.subject ?? null) : null,
                overlookable: blocked.overlookable,
                findings,
              })
            }
          >
            Break glass for a time…
          </Button>
        )}
      </Group>
      {blocked !== null && !canOverlook && <Text size="xs">No exception can overlook this. It has to be mended.</Text>}
    </div>
  );
}

/** Where it is put right: the way out that lasts. */
function Mend({ channel: { applianceId }, state: { blocked, findings } }: { channel: Channel; state: ChannelState }) {
  const may = useMay();
  if (findings.length === 0) return null;
  const lacksCrl = findings.some(({ location }) => location?.path?.endsWith('cRLDistributionPoints') === true);
  return (
    <>
      {(lacksCrl || blocked?.overlookable.includes('stale-crl') === true) && may('crls:fetch') && (
        <Button size="compact-sm" component={Link} to="/trust">
          Fetch or upload the revocation list
        </Button>
      )}
      {!lacksCrl && applianceId !== null && blocked?.whose !== 'peer' && may('certificates:upload') && (
        <Button size="compact-sm" component={Link} to={`/appliances/${applianceId}`}>
          Upload another certificate
        </Button>
      )}
    </>
  );
}
