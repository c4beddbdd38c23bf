import { Alert, Button, Group, PasswordInput, Radio, Stack, Text } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import type { z } from 'zod';
import type { exportSchema } from '../../../src/http/contract/inventory.ts';
import { post } from '../api/request.ts';
import { fromBase64 } from '../check/pem.ts';
import { Dialog } from '../parts/Dialog.tsx';
import { Trouble } from '../parts/Trouble.tsx';
import { type Appliance, appliancePath } from './appliance-data.ts';
import { download } from './download.ts';

type Files = z.output<typeof exportSchema>['files'];

interface ExportIdentityProps {
  readonly appliance: Appliance;
  readonly which: 'active' | 'staged';
}

/** The certificate with its key as files, for the appliance itself or another program; each time is in the audit log. */
export function ExportIdentity(props: ExportIdentityProps) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button variant="default" leftSection={<IconDownload size={16} aria-hidden />} onClick={() => setOpen(true)}>
        Export with its key
      </Button>
      {open && <ExportDialog {...props} onClose={() => setOpen(false)} />}
    </>
  );
}

const SHORTEST = 8;

function ExportDialog({ appliance, which, onClose }: ExportIdentityProps & { onClose: () => void }) {
  const [files, setFiles] = useState<Files>();
  return (
    <Dialog onClose={onClose} size="lg" title={`Export the certificate and key of ${appliance.name}`}>
      {files === undefined ? (
        <ExportForm appliance={appliance} which={which} onFiles={setFiles} onClose={onClose} />
      ) : (
        <Exported files={files} onClose={onClose} />
      )}
    </Dialog>
  );
}

interface ExportFormProps extends ExportIdentityProps {
  readonly onFiles: (files: Files) => void;
  readonly onClose: () => void;
}

function ExportForm({ appliance, which, onFiles, onClose }: ExportFormProps) {
  const [format, setFormat] = useState<'folder' | 'pkcs12'>('folder');
  const [passphrase, setPassphrase] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<Error>();
  const tooShort = passphrase === '' ? format === 'pkcs12' : passphrase.length < SHORTEST;
  const fetchFiles = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      const body = { format, which, ...(passphrase !== '' && { passphrase }) };
      onFiles((await post<{ files: Files }>(appliancePath(appliance.id, '/export'), body)).files);
    } catch (error) {
      setError(error as Error);
      setBusy(false);
    }
  };
  return (
    <form onSubmit={(event) => void fetchFiles(event)}>
      <Stack>
        <Radio.Group label="For what?" value={format} onChange={(value) => setFormat(value as typeof format)}>
          <Stack gap="xs" mt="xs">
            <Radio value="folder" label="The appliance’s upload form: .crt, .key and .pem" />
            <Radio value="pkcs12" label="Windows, Java or a browser: one PKCS#12 file (.p12)" />
          </Stack>
        </Radio.Group>
        <PasswordInput
          label={format === 'pkcs12' ? 'Passphrase' : 'Passphrase (optional, recommended)'}
          description={`Encrypts the key in the file. At least ${SHORTEST} characters.`}
          required={format === 'pkcs12'}
          autoComplete="new-password"
          value={passphrase}
          onChange={({ currentTarget }) => setPassphrase(currentTarget.value)}
        />
        {format === 'folder' && passphrase === '' && (
          <Text size="sm">
            Without a passphrase the .key file lies open: whoever reads it can pretend to be {appliance.hostname}.
          </Text>
        )}
        {error !== undefined && <Trouble error={error} />}
        <Text size="sm" c="dimmed">
          That you exported the key, and when, goes into the audit log.
        </Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={busy} disabled={tooShort}>
            Export
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function Exported({ files, onClose }: { files: Files; onClose: () => void }) {
  return (
    <Stack>
      <Text role="status">Ready. Save each file; they are gone from this page when you close it.</Text>
      {files.map(({ name, content }) => (
        <Group key={name} justify="space-between" wrap="nowrap">
          <Text ff="monospace" size="sm" style={{ overflowWrap: 'anywhere' }}>
            {name}
          </Text>
          <Button
            variant="default"
            size="xs"
            leftSection={<IconDownload size={14} aria-hidden />}
            onClick={() => download(name, fromBase64(content))}
          >
            Save {name}
          </Button>
        </Group>
      ))}
      {files.some(({ secret }) => secret) && (
        <Alert color="yellow" title="One of them is secret">
          Take{' '}
          {files
            .filter(({ secret }) => secret)
            .map(({ name }) => name)
            .join(', ')}{' '}
          only where it is needed, and delete it from this computer afterwards.
        </Alert>
      )}
      <Group justify="flex-end">
        <Button onClick={onClose}>Done</Button>
      </Group>
    </Stack>
  );
}
