import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { SESSION } from './session.ts';

/** What the server says has changed; every query whose key begins with the topic is asked again. */
interface ChangeEvent {
  readonly topic: string;
  readonly id?: string;
}

/** Which queries show what a topic is about, besides those that begin with the topic itself. */
const SHOWN_IN: Readonly<Record<string, readonly string[]>> = {
  appliances: ['fleet', 'overview'],
  identities: ['fleet', 'overview', 'appliances', 'console'],
  standing: ['fleet', 'overview', 'appliances', 'channels'],
  anchors: ['overview', 'appliances', 'fleet'],
  crls: ['overview', 'appliances', 'fleet', 'channels'],
  channels: ['overview'],
  partners: ['channels'],
};

/** Follows the server's events while somebody is signed in. False while the connection is broken. */
export function useLiveUpdates(): boolean {
  const client = useQueryClient();
  const [live, setLive] = useState(true);
  useEffect(() => {
    const source = new EventSource('/api/v1/events');
    const waiting = new Set<string>();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const flush = (): void => {
      timer = undefined;
      const topics = [...waiting];
      waiting.clear();
      const isShown = ({ queryKey }: { queryKey: readonly unknown[] }): boolean =>
        topics.includes('all') ? queryKey[0] !== SESSION[0] : topics.includes(String(queryKey[0]));
      void client.invalidateQueries({ predicate: isShown });
    };
    source.addEventListener('open', () => setLive(true));
    source.addEventListener('error', () => setLive(false));
    source.addEventListener('message', ({ data }: MessageEvent<string>) => {
      const { topic } = JSON.parse(data) as ChangeEvent;
      for (const name of [topic, ...(SHOWN_IN[topic] ?? [])]) waiting.add(name);
      // A CSV of thousands of appliances comes as thousands of events.
      timer ??= setTimeout(flush, 250);
    });
    return () => {
      clearTimeout(timer);
      source.close();
    };
  }, [client]);
  return live;
}
