import { Anchor, Button, Checkbox, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { IconClipboardText } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import { Link } from 'react-router';
import { DropFiles } from '../check/DropFiles.tsx';
import { RecognisedFiles } from '../check/RecognisedFiles.tsx';
import type { BundlePart } from '../check/request.ts';
import type { Appliance } from './appliance-data.ts';
import type { Draft } from './draft.ts';
import { FileField } from './FileField.tsx';
import { PasteText } from './PasteText.tsx';

interface CertificateFormProps {
  readonly appliance: Appliance;
  readonly draft: Draft;
  readonly keyOnServer: boolean;
}

/** The fields of the vendor's form, filled by dropping all files at once or one by one. */
export function CertificateForm({ appliance, draft, keyOnServer }: CertificateFormProps) {
  const { fields, recognised, set } = draft;
  const [pasting, setPasting] = useState(false);
  const part = (as: BundlePart) => ({
    name: recognised.names[as],
    onFile: (file: Parameters<Draft['choose']>[1]) => draft.choose(as, file),
    onClear: () => draft.clear(as),
  });
  return (
    <Stack component="form" aria-label="New certificate" onSubmit={(event: FormEvent) => event.preventDefault()}>
      <DropFiles
        title="Drop certificate, key and chain here"
        hint="In any order, whatever they are called: the content decides. The key stays in this browser."
        button="Choose files"
        onFiles={draft.drop}
      />
      <Button
        variant="subtle"
        size="compact-sm"
        leftSection={<IconClipboardText size={16} aria-hidden />}
        onClick={() => setPasting(true)}
      >
        Or paste text
      </Button>
      {draft.files.length > 0 && <RecognisedFiles recognised={recognised} onRemove={draft.remove} />}
      <TextInput
        label="Certificate name"
        description="How you want to recognise it later"
        required
        value={fields.name}
        onChange={({ currentTarget }) => set({ name: currentTarget.value })}
      />
      <Passphrase draft={draft} />
      <FileField
        {...part('key')}
        label="Private key (.key)"
        empty={keyOnServer ? 'Not needed: it was made on the server' : 'No key yet'}
        accept=".key,.pem"
      />
      <FileField {...part('crt')} label="Certificate (.crt)" empty="No certificate yet" accept=".crt,.cer,.pem,.der" />
      <FileField
        {...part('chain')}
        label="Certificate chain (.pem, optional)"
        empty="No chain"
        accept=".pem,.crt,.cer,.p7b"
      />
      <Checkbox
        label="Use CRL to check certificate status"
        description="The server fetches the lists; it is shown the certificates for that, never the key."
        checked={fields.crl}
        onChange={({ currentTarget }) => set({ crl: currentTarget.checked })}
      />
      <Validation appliance={appliance} />
      {pasting && <PasteText onText={draft.paste} onClose={() => setPasting(false)} />}
    </Stack>
  );
}

function Passphrase({ draft: { fields, set, recognised } }: { draft: Draft }) {
  return (
    <Stack gap={6}>
      <PasswordInput
        label="Passphrase (optional)"
        description={recognised.encrypted ? 'This key needs one' : 'If the key is encrypted'}
        autoComplete="off"
        disabled={fields.keepPassphrase}
        value={fields.passphrase}
        onChange={({ currentTarget }) => set({ passphrase: currentTarget.value })}
      />
      <Checkbox
        label="Keep the passphrase of the previous certificate"
        {...(fields.keepPassphrase && {
          description: 'Only the server knows it: the key is checked there, after you sent it.',
        })}
        checked={fields.keepPassphrase}
        onChange={({ currentTarget }) => set({ keepPassphrase: currentTarget.checked, passphrase: '' })}
      />
    </Stack>
  );
}

function Validation({ appliance: { validation } }: { appliance: Appliance }) {
  return (
    <div>
      <Text size="sm">
        <Text span inherit fw={500}>
          Validation: {validation === 'mandatory' ? 'Mandatory' : 'None'}
        </Text>
        {', as the appliance is set. '}
        <Anchor component={Link} to="?show=settings" size="sm" underline="always">
          Change it
        </Anchor>
      </Text>
    </div>
  );
}
