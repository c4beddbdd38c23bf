import { Button, Tooltip } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';

/** This page as one file, to be carried to where there is no network. */
export function Save() {
  return (
    <Tooltip
      label="One HTML file with everything in it. Open it in any current browser, also where there is no network; it sends nothing."
      multiline
      maw={320}
      events={{ hover: true, focus: true, touch: true }}
    >
      <Button
        component="a"
        href="/preflight.html"
        download="certgate-preflight.html"
        variant="default"
        leftSection={<IconDownload size={16} aria-hidden />}
      >
        Save this page
      </Button>
    </Tooltip>
  );
}
