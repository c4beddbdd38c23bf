#!/bin/sh
# Makes the two bundles that `npm start` and the README show: good/ (accepted) and bad/ (a wildcard, and a chain without
# its root). Valid for a hundred years, because they are looked at and never used. Their keys protect nothing.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
: >"$work/index.txt"
cat >"$work/ca.cnf" <<CNF
[ca]
default_ca = any
[any]
database = $work/index.txt
new_certs_dir = $work
rand_serial = yes
policy = whatever
unique_subject = no
[whatever]
commonName = supplied
CNF

key() { # name, subject
  openssl req -new -newkey rsa:2048 -nodes -keyout "$work/$1.key" -subj "$2" -out "$work/$1.csr" 2>/dev/null
}

sign() { # name, options of openssl ca
  name=$1
  shift
  openssl ca -batch -config "$work/ca.cnf" -preserveDN -notext -md sha256 -startdate 20200101000000Z \
    -enddate 21200101000000Z -in "$work/$name.csr" -extfile "$work/$name.ext" -out "$work/$name.crt" "$@" 2>/dev/null
}

ca() { # name, subject, options of openssl ca
  key "$1" "$2"
  cat >"$work/$1.ext" <<EXT
basicConstraints=critical,CA:TRUE
keyUsage=critical,keyCertSign,cRLSign
subjectKeyIdentifier=hash
authorityKeyIdentifier=keyid
EXT
  name=$1
  shift 2
  sign "$name" "$@"
}

server() { # name, subject, DNS name
  key "$1" "$2"
  cat >"$work/$1.ext" <<EXT
basicConstraints=critical,CA:FALSE
keyUsage=critical,digitalSignature,keyEncipherment,keyAgreement
extendedKeyUsage=serverAuth,clientAuth
subjectAltName=DNS:$3
subjectKeyIdentifier=hash
authorityKeyIdentifier=keyid
crlDistributionPoints=URI:http://crl.plant.example/issuing.crl
EXT
  sign "$1" -cert "$work/issuing.crt" -keyfile "$work/issuing.key"
}

ca root '/C=DE/O=Example Plant/CN=Example Plant Root CA' -selfsign -keyfile "$work/root.key"
ca issuing '/C=DE/O=Example Plant/CN=Example Plant Issuing CA' -cert "$work/root.crt" -keyfile "$work/root.key"
server good '/C=DE/ST=Bavaria/L=Munich/O=Example Plant/OU=OT Security/CN=sensor-01.plant.example' sensor-01.plant.example
server bad '/C=DE/ST=Bavaria/L=Munich/O=Example Plant/OU=OT Security/CN=*.plant.example' '*.plant.example'

for name in good bad; do
  mkdir -p $name
  cp "$work/$name.crt" $name/sensor.crt
  cp "$work/$name.key" $name/sensor.key
  cp "$work/issuing.crt" $name/chain.pem
done
cat "$work/root.crt" >>good/chain.pem
