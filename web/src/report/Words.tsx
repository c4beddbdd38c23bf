import { visible } from '../../../src/core/base/visible.ts';
import { Moment } from '../parts/Moment.tsx';
import { inPage } from './in-page.ts';

const TIME = /(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)/;

/** A text of the engine: harmless to look at, its times in the user's own zone. */
export function Words({ text }: { text: string }) {
  return (
    <>
      {inPage(visible(text))
        .split(TIME)
        .map((piece, i) => (TIME.test(piece) ? <Moment key={i} at={piece} /> : piece))}
    </>
  );
}
