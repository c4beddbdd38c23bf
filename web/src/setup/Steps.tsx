import { VisuallyHidden } from '@mantine/core';
import classes from './Steps.module.css';

const STEPS = ['Administrator', 'Certificate', 'Validation'];

/** Where one is in the first start. */
export function Steps({ current }: { current: number }) {
  return (
    <ol className={classes['steps']} aria-label="Steps of the set-up">
      {STEPS.map((name, index) => (
        <li
          key={name}
          className={index < current ? classes['done'] : index === current ? classes['current'] : undefined}
          {...(index === current && { 'aria-current': 'step' as const })}
        >
          <span className={classes['number']}>Step {index + 1}</span>
          {name}
          {index < current && <VisuallyHidden>, done</VisuallyHidden>}
        </li>
      ))}
    </ol>
  );
}
