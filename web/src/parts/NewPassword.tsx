import { PasswordInput, VisuallyHidden } from '@mantine/core';
import { IconCircle, IconCircleCheck } from '@tabler/icons-react';
import { useId } from 'react';
import { CapsLock } from './CapsLock.tsx';
import classes from './NewPassword.module.css';
import { isStrong, PASSWORD_RULES } from './password-rules.ts';

export interface NewPasswordValue {
  readonly password: string;
  readonly repeat: string;
}
export const NO_PASSWORD: NewPasswordValue = { password: '', repeat: '' };

/** What keeps a new password from being taken, or undefined. */
export function whyNotPassword({ password, repeat }: NewPasswordValue, name: string): string | undefined {
  if (!isStrong(password, name)) return 'The password does not yet meet every point of the list.';
  return password === repeat ? undefined : 'The two passwords differ.';
}

interface NewPasswordProps {
  readonly value: NewPasswordValue;
  readonly onChange: (value: NewPasswordValue) => void;
  /** Of the user: the password must not contain it. */
  readonly name: string;
  /** Somebody tried to go on with it. */
  readonly tried: boolean;
  readonly label?: string;
}

/** A new password, twice, with the rules ticked off while it is typed. */
export function NewPassword({ value, onChange, name, tried, label = 'Password' }: NewPasswordProps) {
  const id = useId();
  const { password, repeat } = value;
  const isBad = tried && !isStrong(password, name);
  const differs = repeat !== '' && repeat !== password && (tried || repeat.length >= password.length);
  return (
    <CapsLock>
      <div>
        <PasswordInput
          label={label}
          autoComplete="new-password"
          required
          withAsterisk={false}
          value={password}
          onChange={({ currentTarget }) => onChange({ password: currentTarget.value, repeat })}
          error={isBad}
          aria-describedby={id}
          visibilityToggleButtonProps={{ 'aria-label': 'Show what is typed', tabIndex: 0 }}
        />
        <ul id={id} className={classes['rules']}>
          {PASSWORD_RULES.map(({ says, holds }) => {
            const held = holds(password, name);
            const Icon = held ? IconCircleCheck : IconCircle;
            return (
              <li key={says} {...(held && { className: classes['held'] })}>
                <Icon size={15} aria-hidden />
                {says}
                <VisuallyHidden>{held ? ': met' : ': not yet'}</VisuallyHidden>
              </li>
            );
          })}
        </ul>
      </div>
      <PasswordInput
        label={`${label} once more`}
        autoComplete="new-password"
        required
        withAsterisk={false}
        value={repeat}
        onChange={({ currentTarget }) => onChange({ password, repeat: currentTarget.value })}
        error={differs || (tried && repeat === '' && password !== '') ? 'The two passwords differ.' : undefined}
        visibilityToggleButtonProps={{ 'aria-label': 'Show what is typed once more', tabIndex: 0 }}
      />
    </CapsLock>
  );
}
