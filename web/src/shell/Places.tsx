import { NavLink } from '@mantine/core';
import {
  IconBook,
  IconCertificate,
  IconClipboardCheck,
  IconGauge,
  IconHistory,
  IconRoute,
  IconSettings,
  IconShieldCheck,
  IconUsers,
} from '@tabler/icons-react';
import { NavLink as RouterLink, useLocation } from 'react-router';
import { useSession } from '../api/session.ts';

const PLACES = [
  { to: '/', label: 'Overview', icon: IconGauge },
  { to: '/appliances', label: 'Appliances', icon: IconCertificate },
  { to: '/channels', label: 'Channels', icon: IconRoute },
  { to: '/trust', label: 'Trust', icon: IconShieldCheck },
  { to: '/audit', label: 'Audit', icon: IconHistory, notFor: ['reader'] },
  { to: '/access', label: 'Users and tokens', icon: IconUsers },
  { to: '/settings', label: 'Settings', icon: IconSettings },
  { to: '/rules', label: 'Rules', icon: IconBook },
  { to: '/preflight', label: 'Preflight', icon: IconClipboardCheck },
];

/** Where one can go. */
export function Places({ onGo }: { onGo: () => void }) {
  const { pathname } = useLocation();
  const { session } = useSession();
  const role = session?.user.role ?? '';
  return PLACES.filter(({ notFor }) => !notFor?.includes(role)).map(({ to, label, icon: Icon }) => (
    <NavLink
      key={to}
      component={RouterLink}
      to={to}
      end={to === '/'}
      label={label}
      leftSection={<Icon size={18} stroke={1.7} aria-hidden />}
      active={to === '/' ? pathname === '/' : pathname === to || pathname.startsWith(`${to}/`)}
      variant="light"
      onClick={onGo}
    />
  ));
}
