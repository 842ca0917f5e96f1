#!/bin/sh
# A disk image of the frozen program; signed and notarised where the keys are there.
#   SIGN_AS   name of a "Developer ID Application" certificate of the keychain; without it the app is signed ad hoc
#   NOTARY    name of a notarytool profile of the keychain
# Untried: no Mac was at hand (packaging/README.md).
set -eu
cd "$(dirname "$0")/../.."
version=$1
app="build/frozen/Embedding Trainer.app"
image="dist/embtrainer-$version-macos-$(uname -m).dmg"

set -- --force --deep --options runtime --entitlements packaging/macos/entitlements.plist --sign "${SIGN_AS:--}"
if [ -n "${SIGN_AS:-}" ]; then
  set -- "$@" --timestamp
fi
codesign "$@" "$app"
codesign --verify --deep --strict "$app"

staging=$(mktemp -d)
trap 'rm -rf "$staging"' EXIT
cp -R "$app" "$staging/"
ln -s /Applications "$staging/Applications"
mkdir -p dist
hdiutil create -volname "Embedding Trainer" -srcfolder "$staging" -ov -format ULMO "$image"

if [ -n "${NOTARY:-}" ]; then
  xcrun notarytool submit "$image" --keychain-profile "$NOTARY" --wait
  xcrun stapler staple "$image"
fi
