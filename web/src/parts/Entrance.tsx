import { Text, Title } from '@mantine/core';
import { type ReactNode, useEffect } from 'react';
import classes from './Entrance.module.css';
import { Mark } from './Mark.tsx';

interface EntranceProps {
  readonly title: string;
  readonly lead?: ReactNode;
  /** In pixels. */
  readonly width: number;
  readonly children: ReactNode;
  /** What else can be done from here. */
  readonly foot?: ReactNode;
}

/** A page of its own, without navigation: what comes before somebody is in. */
export function Entrance({ title, lead, width, children, foot }: EntranceProps) {
  useEffect(() => {
    document.title = `${title} · Certgate`;
  }, [title]);
  return (
    <div className={classes['entrance']}>
      <main className={classes['column']} style={{ maxWidth: width }}>
        <Mark />
        <Title order={1} size="h2" mt="lg">
          {title}
        </Title>
        {lead !== undefined && <Text c="dimmed">{lead}</Text>}
        <div className={classes['card']} style={{ marginTop: 16 }}>
          {children}
        </div>
        {foot !== undefined && <div className={classes['foot']}>{foot}</div>}
      </main>
    </div>
  );
}
