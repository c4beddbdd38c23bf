import { expect, test } from 'vitest';
import { EventHub, type HubEvent } from './event-hub.ts';

const at = 1_000_000;

test('each thing is told once, and many of one kind as one', () => {
  const hub = new EventHub();
  const told: HubEvent[] = [];
  const stop = hub.subscribe((event) => told.push(event));
  hub.publish([
    { topic: 'appliances', id: 'a', at },
    { topic: 'appliances', id: 'a', at: at + 1 },
    { topic: 'crls', at },
    ...Array.from({ length: 51 }, (_, i) => ({ topic: 'standing' as const, id: `${i}`, at })),
  ]);
  expect(told.map(({ topic, id }) => [topic, id])).toEqual([
    ['appliances', 'a'],
    ['crls', undefined],
    ['standing', undefined],
  ]);
  stop();
  hub.publish([{ topic: 'crls', at }]);
  expect(told).toHaveLength(3);
  expect(hub.listeners).toBe(0);
});

test('who comes back hears what he missed, as long as it is known', () => {
  const hub = new EventHub();
  const begin = hub.position;
  expect(hub.since(begin)).toEqual([]);
  hub.publish([{ topic: 'anchors', id: 'x', at }]);
  const middle = hub.position;
  hub.publish([{ topic: 'crls', id: 'y', at }]);
  expect(hub.since(begin)!.map(({ id }) => id)).toEqual(['x', 'y']);
  expect(hub.since(middle)!.map(({ id }) => id)).toEqual(['y']);
  for (let i = 0; i < 1000; i++) hub.publish([{ topic: 'users', id: `${i}`, at }]);
  expect(hub.since(begin)).toBeUndefined();
  // Of another process, from the future, or nonsense.
  for (const position of [new EventHub().position, `${begin.split('-')[0]}-99999`, '', 'x', '-', `${begin}-1-2`]) {
    expect(hub.since(position), position).toBeUndefined();
  }
});
