import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { listen } from './change-stream.ts';
import { SESSION } from './session.ts';

/** Which queries show what a topic is about, besides those that begin with the topic itself. */
const SHOWN_IN: Readonly<Record<string, readonly string[]>> = {
  appliances: ['fleet', 'overview'],
  identities: ['fleet', 'overview', 'appliances', 'console', 'anchors', 'crls'],
  standing: ['fleet', 'overview', 'appliances', 'channels', 'anchors'],
  anchors: ['overview', 'appliances', 'fleet'],
  crls: ['overview', 'appliances', 'fleet', 'channels'],
  channels: ['overview'],
  partners: ['channels'],
};

// A CSV of thousands of appliances comes as thousands of events: they are gathered for a moment, and what is shown is
// asked for once a second at most.
const GATHER = 250;
const AT_MOST_EVERY = 1000;

/** Follows the server's events: what is shown is asked for again when it changes. False while the connection is broken. */
export function useLiveUpdates(): boolean {
  const client = useQueryClient();
  const [live, setLive] = useState(true);
  useEffect(() => follow(client, setLive), [client]);
  return live;
}

function follow(client: QueryClient, onLive: (live: boolean) => void): () => void {
  const waiting = new Set<string>();
  let last = 0;
  let flushing: ReturnType<typeof setTimeout> | undefined;
  const flush = (): void => {
    flushing = undefined;
    last = Date.now();
    const topics = new Set(waiting);
    waiting.clear();
    const isShown = ({ queryKey }: { queryKey: readonly unknown[] }): boolean =>
      topics.has('all') ? queryKey[0] !== SESSION[0] : topics.has(String(queryKey[0]));
    void client.invalidateQueries({ predicate: isShown });
  };
  const note = (topic: string): void => {
    for (const name of [topic, ...(SHOWN_IN[topic] ?? [])]) waiting.add(name);
    flushing ??= setTimeout(flush, Math.max(GATHER, last + AT_MOST_EVERY - Date.now()));
  };
  const unlisten = listen({
    onChange: note,
    onMissed: () => note('all'),
    onLive,
    onRefused: () => void client.invalidateQueries({ queryKey: SESSION }),
  });
  return () => {
    clearTimeout(flushing);
    unlisten();
  };
}
