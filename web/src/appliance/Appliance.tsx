import { Page } from '../parts/Page.tsx';

export default function Appliance() {
  return <Page title="Appliance">{null}</Page>;
}
