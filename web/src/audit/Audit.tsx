import { Page } from '../parts/Page.tsx';

export default function Audit() {
  return <Page title="Audit">{null}</Page>;
}
