import { type QueryClient, useQueryClient } from '@tanstack/react-query';
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
const TRY_AGAIN = 3000;

/** Follows the server's events while somebody is signed in. False while the connection is broken. */
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
  let opening: ReturnType<typeof setTimeout> | undefined;
  let source: EventSource;
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
  const open = (again: boolean): void => {
    source = new EventSource('/api/v1/events');
    source.addEventListener('open', () => {
      onLive(true);
      if (again) note('all');
    });
    source.addEventListener('message', ({ data }: MessageEvent<string>) =>
      note((JSON.parse(data) as ChangeEvent).topic),
    );
    source.addEventListener('error', () => {
      onLive(false);
      // Else the browser tries again by itself. A refusal may mean that the session is over.
      if (source.readyState !== EventSource.CLOSED) return;
      void client.invalidateQueries({ queryKey: SESSION });
      opening = setTimeout(open, TRY_AGAIN, true);
    });
  };
  open(false);
  return () => {
    clearTimeout(flushing);
    clearTimeout(opening);
    source.close();
  };
}
