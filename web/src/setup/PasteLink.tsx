import { Button, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import classes from './PasteLink.module.css';

interface PasteLinkProps {
  /** What was wrong with the link that was taken last. */
  readonly wrong: string | undefined;
  readonly onLink: (link: string) => void;
}

/** Takes a set-up link without loading the page anew, so that nothing typed is lost. */
export function PasteLink({ wrong, onLink }: PasteLinkProps) {
  const [link, setLink] = useState('');
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    onLink(link);
  };
  return (
    <form className={classes['form']} onSubmit={submit}>
      <TextInput
        className={classes['field'] ?? ''}
        label="Set-up link"
        placeholder="https://…/setup#…"
        autoComplete="off"
        spellCheck={false}
        value={link}
        onChange={({ currentTarget }) => setLink(currentTarget.value)}
        error={wrong}
      />
      <Button type="submit" disabled={link.trim() === ''}>
        Use this link
      </Button>
    </form>
  );
}
