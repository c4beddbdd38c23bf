import { type ReactNode, useId } from 'react';
import classes from './Choice.module.css';

interface ChoiceProps<T extends string> {
  readonly legend: string;
  readonly options: readonly {
    readonly value: T;
    readonly label: string;
    /** A word beside it: `recommended`. */
    readonly note?: string;
    /** What it means, in plain words. */
    readonly about: ReactNode;
  }[];
  readonly value: T | undefined;
  readonly onChange: (value: T) => void;
  readonly disabled?: boolean;
}

/** One of a few answers, each with what it means beside it. */
export function Choice<T extends string>({ legend, options, value, onChange, disabled = false }: ChoiceProps<T>) {
  const name = useId();
  return (
    <fieldset className={classes['choice']} disabled={disabled}>
      <legend>{legend}</legend>
      {options.map((option) => (
        <label key={option.value} className={classes['option']}>
          <input
            type="radio"
            name={name}
            value={option.value}
            checked={value === option.value}
            onChange={() => onChange(option.value)}
            aria-describedby={`${name}-${option.value}`}
            aria-label={option.label}
          />
          <span className={classes['name']}>
            {option.label}
            {option.note !== undefined && <span className={classes['badge']}>{option.note}</span>}
          </span>
          <span className={classes['about']} id={`${name}-${option.value}`}>
            {option.about}
          </span>
        </label>
      ))}
    </fieldset>
  );
}
