/* global ran */
// Version 1 of this file, which is what was deployed.
ran('script')
