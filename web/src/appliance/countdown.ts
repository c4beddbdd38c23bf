import { useEffect, useRef, useState } from 'react';

/** `9:05`, `2 h 10 min`: how long until then, moving; calls `onOver` once it is over. */
export function useCountdown(until: string, onOver: () => void): string {
  const end = Date.parse(until);
  const [now, setNow] = useState(Date.now);
  const over = useRef(onOver);
  over.current = onOver;
  useEffect(() => {
    const timer = setInterval(() => {
      setNow(Date.now());
      // The server does it in its own time; a moment later it is there to be seen.
      if (Date.now() >= end + 500) {
        clearInterval(timer);
        over.current();
      }
    }, 500);
    return () => clearInterval(timer);
  }, [end]);
  return timeLeft(end - now);
}

export function timeLeft(milliseconds: number): string {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)];
  if (hours > 0) return `${hours} h ${minutes} min`;
  return `${minutes}:${String(seconds % 60).padStart(2, '0')} min`;
}
