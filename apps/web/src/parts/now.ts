import { useEffect, useState } from 'preact/hooks';

/** The time, told again every so often: what says how long ago something was grows older by itself. */
export function useNow(every_ms = 5000): number {
  const [now_ms, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), every_ms);
    return () => clearInterval(timer);
  }, [every_ms]);
  return now_ms;
}
