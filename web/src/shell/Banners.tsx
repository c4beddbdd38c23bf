import { Alert, Anchor } from '@mantine/core';
import { IconAlertTriangle, IconPlugConnectedX } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { Link, useLocation } from 'react-router';
import { useConsole } from '../api/console.ts';
import classes from './Shell.module.css';

// A connection that comes back at once, as after a proxy's time-out, is nothing to speak of.
const PATIENCE = 2000;

/** The page no longer follows what happens: what stands there may be old. */
export function NotLive({ live }: { live: boolean }) {
  const [shown, setShown] = useState(false);
  useEffect(() => {
    if (live) return setShown(false);
    const timer = setTimeout(() => setShown(true), PATIENCE);
    return () => clearTimeout(timer);
  }, [live]);
  return (
    <div role="status">
      {shown && (
        <Alert color="yellow" mb="md" py="xs" icon={<IconPlugConnectedX aria-hidden />}>
          <strong>Not live.</strong> The connection to the server is broken, so what you see may be old. This page goes
          on trying and catches up by itself.
        </Alert>
      )}
    </div>
  );
}

/** What is the matter with the certificate that this very page came over. */
export function ConsoleBanner() {
  const { data } = useConsole();
  const { pathname } = useLocation();
  // The overview says it in its own list of what is wrong.
  if (data?.banner === undefined || pathname === '/') return null;
  return (
    <Alert
      color={data.origin === 'self-signed' ? 'yellow' : 'red'}
      mb="md"
      py="xs"
      role="status"
      icon={<IconAlertTriangle aria-hidden />}
    >
      <span className={classes['banner']}>{data.banner}</span>{' '}
      {pathname !== CONSOLE && (
        <Anchor component={Link} to={CONSOLE} inherit underline="always">
          To its certificate
        </Anchor>
      )}
    </Alert>
  );
}

/** The console is an appliance like others, under a name of its own. */
const CONSOLE = '/appliances/console';
