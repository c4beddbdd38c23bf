import type { Socket } from 'node:net';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { Bench, gone } from './bench.ts';
import { ByteEnd, canSeeQueues, stillToSend } from './byte-ends.ts';
import { ByteRig, doomedName, type RigKind } from './byte-rigs.ts';
import type { LogLine } from './field.ts';
import { expiringSoon } from './matrix-peers.ts';

/**
 * Counted byte by byte before and behind `certgate channel run`: nothing passes before a verdict, nothing ever passes
 * that is refused, and nothing passes after a block, though both ends send all the time.
 */
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });
const bench = await Bench.make();
const KINDS: readonly RigKind[] = ['console', 'console-http', 'ha', 'partner'];
const rigs: ByteRig[] = [];
afterAll(() => Promise.all(rigs.map((rig) => rig.stop())));

function rigOf(kind: RigKind): ByteRig {
  const rig = new ByteRig(bench, kind);
  rigs.push(rig);
  return rig;
}

const byVerdict = ({ verdict }: LogLine): boolean => verdict !== undefined;

/** Both ends at work; undefined where the link was over before. */
async function atWork(rig: ByteRig): Promise<{ near: ByteEnd; far: ByteEnd } | undefined> {
  const dialled = await rig.dial().catch(() => undefined);
  if (dialled === undefined) return undefined;
  // The partner's end shakes hands by itself; every other waits for the first that comes.
  const came = await Promise.race([rig.accepted(), gone(dialled)]);
  if (came === undefined) return undefined;
  const [near, far] = [new ByteEnd(dialled), new ByteEnd(came)];
  const both = (): boolean => near.received > 500_000 && far.received > 500_000;
  await until(() => both() || near.socket.destroyed);
  return both() ? { near, far } : undefined;
}

/** What holds of a link that was blocked while both ends sent. */
async function nothingAfter(rig: ByteRig, { near, far }: { near: ByteEnd; far: ByteEnd }, why: string): Promise<void> {
  const closed = await rig.run.line('link', 'closed', ({ reason }) => reason!.includes(why));
  await Promise.all([gone(near.socket), gone(far.socket)]);
  const at = Date.parse(closed.time);
  for (const end of [near, far]) expect(end.newest).toBeLessThanOrEqual(at);
  const taps = [rig.inside.forth, rig.inside.back, rig.outside.forth, rig.outside.back];
  expect(Math.min(...taps)).toBeGreaterThan(500_000);
  // Not more came out than the channel had counted when it closed; of HTTP it counts what is encrypted.
  const [inwards, outwards] = rig.kind === 'partner' ? [near.received, far.received] : [far.received, near.received];
  expect(inwards).toBeLessThanOrEqual(closed['bytesIn']);
  expect(outwards).toBeLessThanOrEqual(closed['bytesOut']);
  // Whoever comes now gets nowhere, either.
  const late = await rig.dial().catch(() => undefined);
  if (late !== undefined) {
    late.resume().write(Buffer.alloc(100_000));
    await gone(late);
  }
  const refused = await rig.run.line('link', 'refused', ({ findings }) => findings[0]?.message.includes(why));
  expect(refused.reason).toMatch(/^(own|peer)-certificate$/);
  // Towards a partner there is a handshake before the verdict, and no more than that.
  expect(rig.inside.back).toBe(taps[1]);
  if (rig.kind === 'partner') expect(rig.outside.forth - taps[2]!).toBeLessThan(HANDSHAKE);
  else expect(rig.inside.forth).toBe(taps[0]);
}

const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 10));
};

/** A kilobyte or two: a handshake, and no application data worth the name. */
const HANDSHAKE = 5000;

/** A handshake that stands still: what the near end sends at once must wait for the verdict, however much it is. */
async function nothingBefore(rig: ByteRig): Promise<void> {
  const sent = Buffer.alloc(1_000_000, 'x');
  rig.outside.hold();
  const dialled = rig.dial().then((socket) => {
    socket.resume().write(sent);
    return socket;
  });
  await until(() => rig.outside.forth > 0);
  // A local program has already said everything; a browser has not even shaken hands.
  if (rig.kind === 'ha' || rig.kind === 'partner') await dialled;
  expect(rig.outside.forth).toBeLessThan(HANDSHAKE);
  if (rig.kind !== 'partner') expect(rig.inside.connections).toBe(0);
  expect(rig.run.of('link', 'accepted')).toEqual([]);
  rig.outside.release();
  const came: Socket = await rig.accepted();
  let received = 0;
  let first = Infinity;
  came.on('data', (bytes: Buffer) => {
    first = Math.min(first, Date.now());
    received += bytes.length;
  });
  await until(() => received === sent.length);
  const { time } = await rig.run.line('link', 'accepted');
  expect(rig.kind === 'partner' ? first : rig.inside.first).toBeGreaterThanOrEqual(Date.parse(time));
  for (const socket of [await dialled, came]) socket.destroy();
}

describe.concurrent.each(KINDS)('%s', (kind) => {
  test('carries nothing before the verdict, nor from the moment of an expiry or a revocation', async () => {
    const rig = rigOf(kind);
    await rig.start(await bench.identity(doomedName(kind)));
    await nothingBefore(rig);
    await expiringSoon(bench, doomedName(kind), async (brief) => {
      await rig.show(brief);
      const ends = await atWork(rig);
      if (ends !== undefined) await nothingAfter(rig, ends, 'expired');
      return ends !== undefined;
    });
    const doomed = await bench.identity(doomedName(kind));
    await rig.show(doomed);
    const ends = (await atWork(rig))!;
    bench.revoke(doomed);
    rig.run.put('link', 'issuing.crl');
    await nothingAfter(rig, ends, 'revoked');
  });

  test.skipIf(!canSeeQueues)('leaves nothing to the system to send on after a block, though nobody reads', async () => {
    const rig = rigOf(kind);
    let doomed = await bench.identity(doomedName(kind));
    await rig.start(doomed, false);
    // One way at a time: a connection with something to read in it is reset by the system, whoever closes it.
    for (const [index, from] of (['far', 'near'] as const).entries()) {
      const near = await rig.dial();
      const ends = { near, far: await rig.accepted() };
      const sender = new ByteEnd(ends[from]);
      // Until all buffers on the way are full.
      for (let before = -1; before < sender.sent;) {
        before = sender.sent;
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
      expect(stillToSend(rig)).toBeGreaterThan(100_000);
      bench.revoke(doomed);
      rig.run.put('link', 'issuing.crl');
      await rig.run.line('link', 'closed', byVerdict, index + 1);
      expect([from, stillToSend(rig)]).toEqual([from, 0]);
      ends.near.destroy();
      ends.far.destroy();
      if (index === 0) await rig.show((doomed = await bench.identity(doomedName(kind))));
    }
  });
});
