"""WeChat Pay and Alipay as the demo and the tests hold them: real protocols and signatures, no money."""
