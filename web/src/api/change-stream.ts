/** What the server says has changed; every query whose key begins with the topic is asked again. */
interface ChangeEvent {
  readonly topic: string;
  readonly id?: string;
}

interface Listener {
  readonly onChange: (topic: string) => void;
  /** Connected anew: nobody knows what happened meanwhile. */
  readonly onMissed: () => void;
  readonly onLive: (live: boolean) => void;
  /** The session may be over. */
  readonly onRefused: () => void;
}

const TRY_AGAIN = 3000;
/** The server says something every 15 seconds. A cable that was pulled says nothing, and no browser tells of it. */
const SILENCE = 60_000;

/**
 * Listens to the server's events while somebody can see the page. A browser has six connections to a server for all of its
 * tabs together: one that is out of sight gives its own back, or the seventh tab would never load.
 */
export function listen({ onChange, onMissed, onLive, onRefused }: Listener): () => void {
  let source: EventSource | undefined;
  let opening: ReturnType<typeof setTimeout> | undefined;
  let silence: ReturnType<typeof setTimeout> | undefined;
  const close = (): void => {
    clearTimeout(opening);
    clearTimeout(silence);
    source?.close();
  };
  const heard = (): void => {
    clearTimeout(silence);
    silence = setTimeout(() => {
      onLive(false);
      open(true);
    }, SILENCE);
  };
  const open = (anew: boolean): void => {
    close();
    const stream = new EventSource('/api/v1/events');
    source = stream;
    heard();
    stream.addEventListener('open', () => {
      heard();
      onLive(true);
      if (anew) onMissed();
    });
    stream.addEventListener('beat', heard);
    stream.addEventListener('message', ({ data }: MessageEvent<string>) => {
      heard();
      onChange((JSON.parse(data) as ChangeEvent).topic);
    });
    stream.addEventListener('error', () => {
      onLive(false);
      // Else the browser tries again by itself.
      if (stream.readyState !== EventSource.CLOSED) return;
      onRefused();
      opening = setTimeout(open, TRY_AGAIN, true);
    });
  };
  const isSeen = (): boolean => document.visibilityState === 'visible';
  const look = (): void => (isSeen() ? open(true) : close());
  if (isSeen()) open(false);
  document.addEventListener('visibilitychange', look);
  return () => {
    document.removeEventListener('visibilitychange', look);
    close();
  };
}
