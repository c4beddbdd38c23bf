import { Command } from '../parts/Command.tsx';
import classes from './ForgottenPassword.module.css';

/** The two ways back in. */
export function ForgottenPassword() {
  return (
    <details className={classes['details']}>
      <summary>Cannot sign in?</summary>
      <p>An administrator can give you a new password, under “Users and tokens”.</p>
      <p>If there is none left: on the server itself, as the owner of its data,</p>
      <Command text="certgate recover --administrator NAME --password-out new-password" />
    </details>
  );
}
