import { useEffect, useRef } from 'react';
import { readFiles } from './readFiles.ts';
import type { NamedFile } from './request.ts';

/**
 * Takes files that are dropped beside the places made for them. Without this the browser would open such a file instead
 * of the page, and what was typed would be lost.
 */
export function useDropAnywhere(onFiles: (files: NamedFile[]) => void): void {
  const latest = useRef(onFiles);
  useEffect(() => {
    latest.current = onFiles;
  });
  useEffect(() => {
    const allow = (event: DragEvent): void => event.preventDefault();
    const drop = (event: DragEvent): void => {
      // Who dropped it into a place of its own has been served.
      if (event.defaultPrevented) return;
      event.preventDefault();
      const { files } = event.dataTransfer ?? {};
      if (files !== undefined && files.length > 0) void readFiles(files).then(latest.current);
    };
    addEventListener('dragover', allow);
    addEventListener('drop', drop);
    return () => {
      removeEventListener('dragover', allow);
      removeEventListener('drop', drop);
    };
  }, []);
}
